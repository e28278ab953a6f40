using System.Globalization;

namespace FlaskStack.Api.Configuration;

/// <summary>The settings of the service, from the configuration section <c>Api</c>.</summary>
internal sealed record ApiOptions
{
    /// <summary>
    /// Largest request body in bytes (<c>Api:MaxBodyBytes</c>, default 1 MiB, 1 to 1 GiB); nginx: <c>client_max_body_size</c>.
    /// </summary>
    public long MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// How long requests may finish after a stop signal (<c>Api:DrainSeconds</c>, default 30, 0 to 3600); gunicorn:
    /// <c>graceful_timeout</c>.
    /// </summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long an idle connection stays open (<c>Api:KeepAliveSeconds</c>, default 130, 1 to 86400). It is longer than nginx's
    /// upstream <c>keepalive_timeout</c> of 2 s, so that nginx never sends a request into a connection that is being closed.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="ApiConfigurationException">A value cannot be used.</exception>
    public static ApiOptions Read(IConfiguration configuration)
    {
        var defaults = new ApiOptions();
        return new ApiOptions
        {
            MaxBodyBytes = ReadInteger(configuration, "Api:MaxBodyBytes", defaults.MaxBodyBytes, 1, 1024 * 1024 * 1024),
            Drain = ReadSeconds(configuration, "Api:DrainSeconds", defaults.Drain, 0, 3600),
            KeepAlive = ReadSeconds(configuration, "Api:KeepAliveSeconds", defaults.KeepAlive, 1, 86400),
        };
    }

    private static long ReadInteger(IConfiguration configuration, string key, long defaultValue, long minimum, long maximum)
    {
        if (configuration[key] is not { Length: > 0 } text)
        {
            return defaultValue;
        }

        var isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value);
        return isNumber && value >= minimum && value <= maximum
            ? value
            : throw new ApiConfigurationException($"{key} is '{text}': give a whole number from {minimum} to {maximum}.");
    }

    private static TimeSpan ReadSeconds(IConfiguration configuration, string key, TimeSpan defaultValue, int minimum, int maximum) =>
        TimeSpan.FromSeconds(ReadInteger(configuration, key, (long)defaultValue.TotalSeconds, minimum, maximum));
}
