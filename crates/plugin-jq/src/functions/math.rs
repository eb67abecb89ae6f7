//! Mathematical functions, with the same code on all machines.

use jaq_core::native::Fun;

use super::{Data, integer, native, number, once};
use crate::value::Val;

/// Functions of the input alone.
macro_rules! of_input {
    ($($name:literal $function:ident)*) => {
        [$(native($name, 0, |call| once(number(&call.1).map(|x| Val::from(libm::$function(x)))))),*]
    };
}

/// Functions of two arguments, which two functions read.
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
                Val::array(vec![Val::from(fraction), Val::from(exponent as isize)])
            }))
        }),
        native("modf", 0, |call| {
            once(number(&call.1).map(|x| {
                let (fraction, whole) = libm::modf(x);
                Val::array(vec![Val::from(fraction), Val::from(whole)])
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
    natives.push(native("logb", 0, |call| {
        once(number(&call.1).map(|x| {
            Val::from(match x {
                0.0 => f64::NEG_INFINITY,
                x if x.is_finite() => f64::from(libm::ilogb(x)),
                x => x * x,
            })
        }))
    }));
    natives.push(native("significand", 0, |call| {
        once(number(&call.1).map(|x| match x {
            x if x == 0.0 || !x.is_finite() => Val::from(x),
            x => Val::from(libm::scalbn(x, -libm::ilogb(x))),
        }))
    }));
    natives.push(native("drem", 2, |mut call| {
        let (y, x) = (call.0.pop_var(), call.0.pop_var());
        once(number(&x).and_then(|x| {
            let rest = libm::remainder(x, number(&y)?);
            Ok(Val::from(if rest == 0.0 { rest.copysign(x) } else { rest }))
        }))
    }));
    natives.push(native("scalb", 2, |mut call| {
        let (y, x) = (call.0.pop_var(), call.0.pop_var());
        once(number(&x).and_then(|x| Ok(Val::from(x * libm::exp2(number(&y)?)))))
    }));
    natives.extend(of_input! {
        "ceil" ceil "floor" floor "round" round "pow10" exp10 "gamma" lgamma "lgamma_r" lgamma "exp10" exp10
        "acos" acos "acosh" acosh "asin" asin "asinh" asinh "atan" atan "atanh" atanh "cbrt" cbrt
        "cos" cos "cosh" cosh "erf" erf "erfc" erfc "exp" exp "exp2" exp2 "expm1" expm1
        "fabs" fabs "j0" j0 "j1" j1 "lgamma" lgamma "log" log "log10" log10 "log1p" log1p "log2" log2
        "nearbyint" rint "rint" rint "sin" sin "sinh" sinh "sqrt" sqrt "tan" tan "tanh" tanh
        "tgamma" tgamma "trunc" trunc "y0" y0 "y1" y1
    });
    natives.extend(of_two! {
        number number:
        "atan2" atan2 "copysign" copysign "fdim" fdim "fmax" fmax "fmin" fmin "fmod" fmod
        "hypot" hypot "nextafter" nextafter "nexttoward" nextafter "pow" pow "remainder" remainder
    });
    natives.extend(of_two! { number integer: "ldexp" ldexp "scalbln" scalbn "scalbn" scalbn });
    natives.extend(of_two! { integer number: "jn" jn "yn" yn });
    natives
}
