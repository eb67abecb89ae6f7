//! Mathematics, by the same code on all machines.

use jaq_core::native::Fun;
use jaq_json::Val;

use super::{Data, integer, native, number, once};

/// Filters of the input alone.
macro_rules! of_input {
    ($($name:literal $function:ident)*) => {
        [$(native($name, 0, |call| once(number(&call.1).map(|x| Val::from(libm::$function(x)))))),*]
    };
}

/// Filters of two arguments, read by two functions.
macro_rules! of_two {
    ($first:ident $second:ident: $($name:literal $function:ident)*) => {
        [$(native($name, 2, |mut call| {
            let (y, x) = (call.0.pop_var(), call.0.pop_var());
            once($first(&x).and_then(|x| Ok(Val::from(libm::$function(x, $second(&y)?)))))
        })),*]
    };
}

pub(super) fn natives() -> Vec<Fun<Data>> {
    let mut natives = vec![
        native("frexp", 0, |call| {
            once(number(&call.1).map(|x| {
                let (fraction, exponent) = libm::frexp(x);
                Val::from_iter([Val::from(fraction), Val::from(exponent as isize)])
            }))
        }),
        native("modf", 0, |call| {
            once(number(&call.1).map(|x| {
                let (fraction, whole) = libm::modf(x);
                Val::from_iter([Val::from(fraction), Val::from(whole)])
            }))
        }),
        native("ilogb", 0, |call| {
            once(number(&call.1).map(|x| Val::from(libm::ilogb(x) as isize)))
        }),
        native("fma", 3, |mut call| {
            let (z, y, x) = (call.0.pop_var(), call.0.pop_var(), call.0.pop_var());
            once(number(&x).and_then(|x| Ok(Val::from(libm::fma(x, number(&y)?, number(&z)?)))))
        }),
    ];
    natives.extend(of_input! {
        "acos" acos "acosh" acosh "asin" asin "asinh" asinh "atan" atan "atanh" atanh "cbrt" cbrt
        "cos" cos "cosh" cosh "erf" erf "erfc" erfc "exp" exp "exp10" exp10 "exp2" exp2 "expm1" expm1
        "fabs" fabs "j0" j0 "j1" j1 "lgamma" lgamma "log" log "log10" log10 "log1p" log1p "log2" log2
        "nearbyint" rint "rint" rint "sin" sin "sinh" sinh "sqrt" sqrt "tan" tan "tanh" tanh
        "tgamma" tgamma "trunc" trunc "y0" y0 "y1" y1
    });
    natives.extend(of_two! {
        number number:
        "atan2" atan2 "copysign" copysign "fdim" fdim "fmax" fmax "fmin" fmin "fmod" fmod
        "hypot" hypot "nextafter" nextafter "pow" pow "remainder" remainder
    });
    natives.extend(of_two! { number integer: "ldexp" ldexp "scalbln" scalbn });
    natives.extend(of_two! { integer number: "jn" jn "yn" yn });
    natives
}
