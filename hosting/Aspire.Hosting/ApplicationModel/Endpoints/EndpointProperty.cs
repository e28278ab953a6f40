namespace Aspire.Hosting.ApplicationModel;

/// <summary>A part of an endpoint that an expression can name.</summary>
public enum EndpointProperty
{
    /// <summary>The whole address, as in <c>http://localhost:5000</c>.</summary>
    Url,

    /// <summary>The host, as in <c>localhost</c>.</summary>
    Host,

    /// <summary>The host as an IPv4 address, as in <c>127.0.0.1</c>.</summary>
    IPV4Host,

    /// <summary>The public port.</summary>
    Port,

    /// <summary>The scheme, as in <c>http</c>.</summary>
    Scheme,

    /// <summary>The port that the process itself listens on.</summary>
    TargetPort,

    /// <summary>The host and the public port, as in <c>localhost:5000</c>.</summary>
    HostAndPort,

    /// <summary><c>True</c> when the endpoint speaks TLS, else <c>False</c>.</summary>
    TlsEnabled,
}
