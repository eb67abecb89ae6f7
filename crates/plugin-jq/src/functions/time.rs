//! Times that are written down. What time it is, and where, nobody tells.

use jaq_core::Error;
use jaq_core::native::Fun;
use jaq_json::{Num, Val};
use jaq_std::ValT as _;
use jiff::civil::DateTime;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::{Data, input, native, number, once, text};

pub(super) fn natives() -> Vec<Fun<Data>> {
    vec![
        native("fromdateiso8601", 0, |call| {
            once(input(&call).and_then(|text| {
                let time: Timestamp = text.parse().map_err(Error::str)?;
                Ok(seconds(time))
            }))
        }),
        native("todateiso8601", 0, |call| {
            once(timestamp(&call.1).map(|time| Val::from(time.to_string())))
        }),
        native("gmtime", 0, |call| {
            once(timestamp(&call.1).map(|time| parts(&time.to_zoned(TimeZone::UTC).datetime())))
        }),
        native("mktime", 0, |call| once(zoned(&call.1).map(|time| seconds(time.timestamp())))),
        native("strftime", 1, |mut call| {
            let format = call.0.pop_var();
            once(zoned(&call.1).and_then(|time| {
                strtime::format(text(&format)?, &time).map(Val::from).map_err(Error::str)
            }))
        }),
        native("strptime", 1, |mut call| {
            let format = call.0.pop_var();
            once(input(&call).and_then(|input| {
                let mut time = BrokenDownTime::parse(text(&format)?, input).map_err(Error::str)?;
                if time.offset().is_none() {
                    time.set_offset(Some(Offset::UTC));
                }
                time.to_zoned().map(|time| parts(&time.datetime())).map_err(Error::str)
            }))
        }),
    ]
}

/// Seconds since 1970 as a time, to the microsecond.
fn timestamp(seconds: &Val) -> Result<Timestamp, Error<Val>> {
    // Seconds beyond the range of times saturate, and are refused as such.
    Timestamp::from_microsecond((number(seconds)? * 1e6).round() as i64).map_err(Error::str)
}

/// A time as seconds since 1970.
fn seconds(time: Timestamp) -> Val {
    if time.subsec_nanosecond() == 0 {
        Val::Num(Num::from_integral(time.as_second()))
    } else {
        Val::from(time.as_microsecond() as f64 / 1e6)
    }
}

/// A time in UTC, from seconds since 1970 or from its parts.
fn zoned(value: &Val) -> Result<Zoned, Error<Val>> {
    match value {
        Val::Arr(values) => {
            let time = date_time(values);
            let time = time.ok_or_else(|| Error::typ(value.clone(), "time"))?;
            time.to_zoned(TimeZone::UTC).map_err(Error::str)
        }
        _ => Ok(timestamp(value)?.to_zoned(TimeZone::UTC)),
    }
}

/// A time's parts: year, month from 0, day, hour, minute, second, weekday and day of the year from 0.
fn parts(time: &DateTime) -> Val {
    let integer = |number: i16| Val::from(isize::from(number));
    let second = match time.subsec_nanosecond() {
        0 => integer(time.second().into()),
        nanoseconds => Val::from(f64::from(time.second()) + f64::from(nanoseconds) / 1e9),
    };
    Val::from_iter([
        integer(time.year()),
        integer(i16::from(time.month()) - 1),
        integer(time.day().into()),
        integer(time.hour().into()),
        integer(time.minute().into()),
        second,
        integer(time.weekday().to_sunday_zero_offset().into()),
        integer(time.day_of_year() - 1),
    ])
}

fn date_time(values: &[Val]) -> Option<DateTime> {
    let [year, month, day, hour, minute, second] = values.get(..6)?.first_chunk::<6>()?;
    let small = |value: &Val| i8::try_from(value.as_isize()?).ok();
    let second = second.as_f64()?;
    DateTime::new(
        i16::try_from(year.as_isize()?).ok()?,
        small(month)?.checked_add(1)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        // What is no second of a minute saturates, and is refused as such.
        second.floor() as i8,
        (second.fract() * 1e9) as i32,
    )
    .ok()
}
