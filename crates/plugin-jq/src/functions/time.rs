//! Functions of times that are given. There is no current time, and the time zone is always UTC.

use jaq_core::Error;
use jaq_core::native::Fun;
use jiff::civil::{DateTime, Time};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Data, input, native, of_argument, of_input, once};
use crate::value::{Val, error};

pub(super) fn natives() -> Vec<Fun<Data>> {
    let mut natives = of_input! {
        "gmtime" => |value: Val| Ok(parts(gmtime(&value, "gmtime() requires numeric inputs")?)),
        "localtime" => |value: Val| Ok(parts(gmtime(&value, "localtime() requires numeric inputs")?)),
        "mktime" => |value: Val| match &value {
            Val::Array(array) => {
                let time = date_time(&array.0, "mktime requires parsed datetime inputs")?;
                Ok(Val::from(seconds(time)?.floor()))
            }
            _ => Err(error("mktime requires array inputs")),
        },
    };
    natives.extend(of_argument! {
        "strftime" => |value: Val, format: &Val| formatted(&value, format, "strftime/1"),
        "strflocaltime" => |value: Val, format: &Val| formatted(&value, format, "strflocaltime/1"),
        "strptime" => |value: Val, format: &Val| {
            let (Val::Text(text), Val::Text(format)) = (&value, format) else {
                return Err(error("strptime/1 requires string inputs and arguments"));
            };
            let read = BrokenDownTime::parse(&**format, &**text);
            let read = read.and_then(|read| {
                read.to_datetime().or_else(|_| Ok(read.to_date()?.to_datetime(Time::midnight())))
            });
            read.map(parts).map_err(|reason| {
                let message = format!("date \"{text}\" does not match format \"{format}\"");
                error(format_args!("{message}: {reason}"))
            })
        },
    });
    natives.push(native("fromdateiso8601", 0, |call| {
        once(input(&call).and_then(|text| {
            let time: Timestamp = text.parse().map_err(error)?;
            Ok(Val::from(seconds(TimeZone::UTC.to_datetime(time))?))
        }))
    }));
    natives
}

/// Returns the time this many seconds after the beginning of 1970, with microseconds.
fn gmtime(value: &Val, otherwise: &str) -> Result<DateTime, Error<Val>> {
    let seconds = value.number().ok_or_else(|| error(otherwise))?;
    // Seconds beyond the range of times saturate, and are refused later.
    let time = Timestamp::from_microsecond((seconds * 1e6).round() as i64).map_err(error)?;
    Ok(TimeZone::UTC.to_datetime(time))
}

fn seconds(time: DateTime) -> Result<f64, Error<Val>> {
    let time = time.to_zoned(TimeZone::UTC).map_err(error)?.timestamp();
    Ok(time.as_microsecond() as f64 / 1e6)
}

fn formatted(value: &Val, format: &Val, name: &str) -> Result<Val, Error<Val>> {
    let parsed = format!("{name} requires parsed datetime inputs");
    let time = match value {
        Val::Array(array) => date_time(&array.0, &parsed)?,
        _ => gmtime(value, &parsed)?,
    };
    let Val::Text(format) = format else {
        return Err(error(format_args!("{name} requires a string format")));
    };
    let time = time.to_zoned(TimeZone::UTC).map_err(error)?;
    strtime::format(&**format, &time).map(Val::text).map_err(error)
}

/// Returns the parts of a time: year, month from 0, day, hour, minute, second, weekday, and day of the year from 0.
fn parts(time: DateTime) -> Val {
    let second = f64::from(time.second()) + f64::from(time.subsec_nanosecond()) / 1e9;
    let parts = [
        f64::from(time.year()),
        f64::from(time.month() - 1),
        f64::from(time.day()),
        f64::from(time.hour()),
        f64::from(time.minute()),
        second,
        f64::from(time.weekday().to_sunday_zero_offset()),
        f64::from(time.day_of_year() - 1),
    ];
    parts.into_iter().map(Val::from).collect()
}

/// Makes a time from its parts. The last parts can be missing, and too large parts carry over.
fn date_time(values: &[Val], otherwise: &str) -> Result<DateTime, Error<Val>> {
    let mut parts = [0.0; 6];
    for (part, value) in parts.iter_mut().zip(values) {
        let number = value.number().filter(|number| !number.is_nan());
        *part = number.ok_or_else(|| error(otherwise))?;
    }
    let whole = parts.map(|part| part as i64);
    let [year, month, day, hour, minute, _] = whole;
    let months = year.saturating_mul(12).saturating_add(month);
    let first = i16::try_from(months.div_euclid(12)).map_err(error)?;
    let month = i8::try_from(months.rem_euclid(12) + 1).map_err(error)?;
    let first = DateTime::new(first, month, 1, 0, 0, 0, 0).map_err(error)?;
    let hours = day.saturating_sub(1).saturating_mul(24).saturating_add(hour);
    let minutes = hours.saturating_mul(60).saturating_add(minute);
    let second = SignedDuration::try_from_secs_f64(parts[5]).map_err(error)?;
    let after = SignedDuration::from_secs(minutes.saturating_mul(60)).checked_add(second);
    let after = after.ok_or_else(|| error(otherwise))?;
    first.checked_add(after).map_err(error)
}
