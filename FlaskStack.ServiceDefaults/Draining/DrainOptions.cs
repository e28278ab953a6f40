using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.ServiceDefaults.Draining;

/// <summary>How a service ends its connections when it is told to stop.</summary>
internal sealed record DrainOptions
{
    /// <summary>The configuration key.</summary>
    public const string Key = "Drain:Seconds";

    private const double MostSeconds = 3600;

    /// <summary>
    /// How long a stop waits for clients to give up their connections before idle ones are closed under them
    /// (<c>Drain:Seconds</c>, default 3, 0 to 3600; 0 does not wait). It is longer than the 2 s for which nginx keeps a
    /// connection it does not use. Requests under way have longer: the host's <c>ShutdownTimeout</c>.
    /// </summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long nothing may have been open: what a client had connected to just before is accepted by then.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <exception cref="InvalidDataException">The value cannot be used.</exception>
    public static DrainOptions Read(IConfiguration configuration)
    {
        if (configuration[Key] is not { Length: > 0 } text)
        {
            return new DrainOptions();
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= MostSeconds
            ? new DrainOptions { Limit = TimeSpan.FromSeconds(seconds) }
            : throw new InvalidDataException($"{Key} is '{text}': give a number of seconds from 0 to {MostSeconds}.");
    }
}
