using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The address that an endpoint has got in this run.</summary>
[DebuggerDisplay("Type = {GetType().Name,nq}, Name = {Endpoint.Name}, UriString = {UriString}")]
public class AllocatedEndpoint
{
    /// <summary>Records an address on a given network.</summary>
    /// <param name="endpoint">The endpoint that the address belongs to.</param>
    /// <param name="address">Host name or IP address.</param>
    /// <param name="port">Public port, 1 to 65535.</param>
    /// <param name="bindingMode">Which addresses are listened on.</param>
    /// <param name="targetPortExpression">What stands for the port of the process itself; null when it is <paramref name="port"/>.</param>
    /// <param name="networkId">The network of the address; the endpoint's default network when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is outside 1 to 65535.</exception>
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, EndpointBindingMode bindingMode, string? targetPortExpression = null, NetworkIdentifier? networkId = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);

        Endpoint = endpoint;
        Address = address;
        Port = port;
        BindingMode = bindingMode;
        TargetPortExpression = targetPortExpression;
        NetworkID = networkId ?? endpoint.DefaultNetworkID;
    }

    /// <summary>Records an address on the endpoint's default network.</summary>
    /// <param name="endpoint">The endpoint that the address belongs to.</param>
    /// <param name="address">Host name or IP address.</param>
    /// <param name="port">Public port, 1 to 65535.</param>
    /// <param name="bindingMode">Which addresses are listened on.</param>
    /// <param name="targetPortExpression">What stands for the port of the process itself; null when it is <paramref name="port"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is outside 1 to 65535.</exception>
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, EndpointBindingMode bindingMode, string? targetPortExpression = null)
        : this(endpoint, address, port, bindingMode, targetPortExpression, networkId: null)
    {
    }

    /// <summary>Records a single address on the endpoint's default network.</summary>
    /// <param name="endpoint">The endpoint that the address belongs to.</param>
    /// <param name="address">Host name or IP address.</param>
    /// <param name="port">Public port, 1 to 65535.</param>
    /// <param name="targetPortExpression">What stands for the port of the process itself; null when it is <paramref name="port"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is outside 1 to 65535.</exception>
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
        : this(endpoint, address, port, EndpointBindingMode.SingleAddress, targetPortExpression)
    {
    }

    /// <summary>The endpoint that the address belongs to.</summary>
    public EndpointAnnotation Endpoint { get; }

    /// <summary>Host name or IP address.</summary>
    public string Address { get; }

    /// <summary>Public port, 1 to 65535.</summary>
    public int Port { get; }

    /// <summary>Which addresses are listened on.</summary>
    public EndpointBindingMode BindingMode { get; }

    /// <summary>What stands for the port of the process itself; null when it is <see cref="Port"/>.</summary>
    public string? TargetPortExpression { get; }

    /// <summary>The network of the address.</summary>
    public NetworkIdentifier NetworkID { get; }

    /// <summary>The scheme of the endpoint, as in <c>http</c>.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Host and port, as in <c>localhost:5000</c>.</summary>
    public string EndPointString => $"{Address}:{Port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The whole address, as in <c>http://localhost:5000</c>.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <inheritdoc/>
    public override string ToString() => UriString;
}
