using System.Globalization;
using System.Net;

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

    /// <summary>
    /// Networks whose X-Forwarded headers are trusted besides loopback and Unix sockets (<c>Api:TrustedProxies</c>:
    /// addresses or CIDR ranges, as a list or separated by commas); gunicorn: <c>forwarded_allow_ips</c>.
    /// </summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

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
            TrustedProxies = ReadNetworks(configuration.GetSection("Api:TrustedProxies")),
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

    private static List<IPNetwork> ReadNetworks(IConfigurationSection section)
    {
        var texts = section.Value is { } list
            ? list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : section.GetChildren().Select(child => child.Value ?? "");
        return [.. texts.Select(ReadNetwork)];
    }

    private static IPNetwork ReadNetwork(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        // The parser takes 1.2.3 for 1.2.0.3; a typing error must not become a trusted address.
        return IPAddress.TryParse(text, out var address) && (text.Contains(':', StringComparison.Ordinal) || text.Count('.') == 3)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new ApiConfigurationException(
                $"Api:TrustedProxies has '{text}': give an address (10.0.0.7) or a network (10.0.0.0/8).");
    }
}
