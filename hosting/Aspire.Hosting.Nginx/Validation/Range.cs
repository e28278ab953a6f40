using System.Globalization;

namespace Aspire.Hosting.Nginx.Validation;

/// <summary>Says that a value is outside its range.</summary>
internal static class Range
{
    public static string? Check(string option, long? value, long minimum, long maximum) =>
        value is { } number && (number < minimum || number > maximum)
            ? string.Create(CultureInfo.InvariantCulture, $"{option} is {number}; it must be from {minimum} to {maximum}.")
            : null;

    public static string? Check(string option, TimeSpan? value, TimeSpan minimum, TimeSpan maximum) =>
        value is { } time && (time < minimum || time > maximum)
            ? string.Create(CultureInfo.InvariantCulture, $"{option} is {time.TotalSeconds} s; it must be from {minimum.TotalSeconds} s to {maximum.TotalSeconds} s.")
            : null;

    public static IEnumerable<string> Errors(params string?[] checks) => checks.OfType<string>();
}
