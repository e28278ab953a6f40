using System.Diagnostics;
using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint that a resource serves: what is wanted of it, and, once the resource is about to start, its address.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}, Name = {Name}")]
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private int? _port;
    private int? _targetPort;
    private bool _portCleared;
    private bool _targetPortCleared;
    private string? _transport;
    private bool? _tlsEnabled;

    /// <summary>Describes an endpoint on the loopback network.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="uriScheme">The scheme; the protocol in lower case when null.</param>
    /// <param name="transport">The application protocol, as in <c>http</c> or <c>http2</c>; derived from the scheme when null.</param>
    /// <param name="name">The name, unique in its resource; the scheme when null.</param>
    /// <param name="port">The public port, or null for any free one.</param>
    /// <param name="targetPort">The port that the process listens on, or null for any free one.</param>
    /// <param name="isExternal">Whether a deployment exposes it to the outside; false when null.</param>
    /// <param name="isProxied">Whether a proxy may stand between the two ports; true when null.</param>
    /// <exception cref="ArgumentException">The name breaks Aspire's naming rule.</exception>
    public EndpointAnnotation(ProtocolType protocol, string? uriScheme = null, string? transport = null, [EndpointName] string? name = null, int? port = null, int? targetPort = null, bool? isExternal = null, bool? isProxied = null)
        : this(protocol, networkId: null, uriScheme, transport, name, port, targetPort, isExternal, isProxied)
    {
    }

    /// <inheritdoc cref="EndpointAnnotation(ProtocolType, string?, string?, string?, int?, int?, bool?, bool?)"/>
    public EndpointAnnotation(ProtocolType protocol, string? uriScheme, string? transport, [EndpointName] string? name, int? port, int? targetPort, bool? isExternal, bool isProxied)
        : this(protocol, networkId: null, uriScheme, transport, name, port, targetPort, isExternal, (bool?)isProxied)
    {
    }

    /// <summary>Describes an endpoint on a given network.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="networkId">The network of the endpoint's first address; loopback when null.</param>
    /// <param name="uriScheme">The scheme; the protocol in lower case when null.</param>
    /// <param name="transport">The application protocol, as in <c>http</c> or <c>http2</c>; derived from the scheme when null.</param>
    /// <param name="name">The name, unique in its resource; the scheme when null.</param>
    /// <param name="port">The public port, or null for any free one.</param>
    /// <param name="targetPort">The port that the process listens on, or null for any free one.</param>
    /// <param name="isExternal">Whether a deployment exposes it to the outside; false when null.</param>
    /// <param name="isProxied">Whether a proxy may stand between the two ports; true when null.</param>
    /// <exception cref="ArgumentException">The name breaks Aspire's naming rule.</exception>
    public EndpointAnnotation(ProtocolType protocol, NetworkIdentifier? networkId, string? uriScheme = null, string? transport = null, [EndpointName] string? name = null, int? port = null, int? targetPort = null, bool? isExternal = null, bool? isProxied = null)
    {
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        Name = name ?? UriScheme;
        ModelName.Validate("Endpoint", Name);

        Protocol = protocol;
        _transport = transport;
        _port = port;
        _targetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsExplicitlyProxied = isProxied;
        DefaultNetworkID = networkId ?? KnownNetworkIdentifiers.LocalhostNetwork;
        DefaultSnapshot = AllAllocatedEndpoints.SnapshotFor(DefaultNetworkID);
    }

    /// <inheritdoc cref="EndpointAnnotation(ProtocolType, NetworkIdentifier?, string?, string?, string?, int?, int?, bool?, bool?)"/>
    public EndpointAnnotation(ProtocolType protocol, NetworkIdentifier? networkId, string? uriScheme, string? transport, [EndpointName] string? name, int? port, int? targetPort, bool? isExternal, bool isProxied)
        : this(protocol, networkId, uriScheme, transport, name, port, targetPort, isExternal, (bool?)isProxied)
    {
    }

    /// <summary>The name, unique in its resource.</summary>
    public string Name { get; set; }

    /// <summary>TCP or UDP.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The public port, or null for any free one. Without a proxy both ports are one, so an unset port is the target port.</summary>
    public int? Port
    {
        get => _port ?? (IsProxied || _portCleared ? null : _targetPort);
        set => (_port, _portCleared) = (value, value is null);
    }

    /// <summary>The port that the process listens on, or null for any free one. Without a proxy an unset target port is the public port.</summary>
    public int? TargetPort
    {
        get => _targetPort ?? (IsProxied || _targetPortCleared ? null : _port);
        set => (_targetPort, _targetPortCleared) = (value, value is null);
    }

    /// <summary>The scheme of addresses, as in <c>http</c>.</summary>
    public string UriScheme { get; set; }

    /// <summary>The host that the process listens on. Default: <c>localhost</c>.</summary>
    public string TargetHost { get; set; } = KnownHostNames.Localhost;

    /// <summary>The application protocol. Default: <c>http</c> for the schemes http and https, else the protocol in lower case.</summary>
    public string Transport
    {
        get => _transport ?? (IsHttpScheme ? "http" : Protocol.ToString().ToLowerInvariant());
        set => _transport = value;
    }

    /// <summary>Whether a deployment exposes the endpoint to the outside. Default: false.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Whether a proxy may stand between the public port and the process. Default: true.</summary>
    public bool IsProxied
    {
        get => IsExplicitlyProxied ?? true;
        set => IsExplicitlyProxied = value;
    }

    /// <summary>What the author said about a proxy; null when nothing was said.</summary>
    public bool? IsExplicitlyProxied { get; set; }

    /// <summary>Whether references to the whole resource leave this endpoint out. Default: false.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    /// <summary>Whether the endpoint speaks TLS. Default: true for the scheme https only.</summary>
    public bool TlsEnabled
    {
        get => _tlsEnabled ?? string.Equals(UriScheme, "https", StringComparison.OrdinalIgnoreCase);
        set => _tlsEnabled = value;
    }

    /// <summary>The network of <see cref="AllocatedEndpoint"/>.</summary>
    public NetworkIdentifier DefaultNetworkID { get; }

    /// <summary>The addresses on every network.</summary>
    public NetworkEndpointSnapshotList AllAllocatedEndpoints { get; } = new();

    /// <summary>
    /// The address on the default network, or null before allocation. Setting null makes whoever waits for it fail.
    /// For a replicated resource it is the address of the first replica.
    /// </summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => AllAllocatedEndpoints.TryGetAllocatedEndpoint(DefaultNetworkID, out var endpoint) ? endpoint : null;
        set
        {
            if (value is null)
            {
                DefaultSnapshot.SetException(new InvalidOperationException($"The endpoint '{Name}' has no address: its resource was not started."));
                return;
            }

            AllAllocatedEndpoints.AddOrUpdateAllocatedEndpoint(value.NetworkID, value);
        }
    }

    /// <summary>The addresses of all replicas, in the replicas' order. Empty unless the resource is replicated.</summary>
    internal IReadOnlyList<AllocatedEndpoint> ReplicaEndpoints { get; set; } = [];

    /// <summary>True for an endpoint that a launch profile brought, which a publisher ignores.</summary>
    internal bool FromLaunchProfile { get; set; }

    /// <summary>True for the HTTPS endpoint that publishing adds by itself: the deployment's proxy serves it, not the process.</summary>
    internal bool IsDefaultHttps { get; set; }

    /// <summary>The variable in which the process learns its port, or null.</summary>
    internal string? TargetPortEnvironmentVariable { get; set; }

    internal ValueSnapshot<AllocatedEndpoint> DefaultSnapshot { get; }

    internal bool IsHttpScheme =>
        string.Equals(UriScheme, "http", StringComparison.OrdinalIgnoreCase) || string.Equals(UriScheme, "https", StringComparison.OrdinalIgnoreCase);

    /// <summary>Changes what is given; null leaves a setting as it is.</summary>
    internal void Change(int? port, int? targetPort, bool? isExternal, bool? isProxied)
    {
        _port = port ?? _port;
        _targetPort = targetPort ?? _targetPort;
        IsExternal = isExternal ?? IsExternal;
        IsExplicitlyProxied = isProxied ?? IsExplicitlyProxied;
    }
}
