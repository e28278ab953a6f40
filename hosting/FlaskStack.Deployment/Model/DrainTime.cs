using System.Globalization;

namespace Aspire.Hosting.Publishing.Values;

/// <summary>How long a service that stops waits for its clients to go.</summary>
internal static class DrainTime
{
    private const string Variable = "Drain__Seconds";
    private const double DefaultSeconds = 3;

    /// <summary>What the service is told (<c>Drain:Seconds</c>), else what the service defaults have: 3 s.</summary>
    /// <param name="variables">The environment of the service.</param>
    public static TimeSpan Of(IEnumerable<PublishedVariable> variables)
    {
        var given = variables.FirstOrDefault(static variable => string.Equals(variable.Name, Variable, StringComparison.OrdinalIgnoreCase))?.Value.Literal;
        return TimeSpan.FromSeconds(double.TryParse(given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? seconds : DefaultSeconds);
    }
}
