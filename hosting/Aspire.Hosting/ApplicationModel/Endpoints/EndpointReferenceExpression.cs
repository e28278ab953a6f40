using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One part of an endpoint, as a value that waits for the endpoint's address where it needs it.</summary>
/// <param name="endpointReference">The endpoint.</param>
/// <param name="property">The part.</param>
[DebuggerDisplay("EndpointExpression = {ValueExpression}, Property = {Property}, Endpoint = {Endpoint.EndpointName}")]
public class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue, IValueWithReferences
{
    /// <summary>The endpoint.</summary>
    public EndpointReference Endpoint { get; } = endpointReference ?? throw new ArgumentNullException(nameof(endpointReference));

    /// <summary>The part.</summary>
    public EndpointProperty Property { get; } = property;

    /// <summary>What stands for the value in a manifest, as in <c>{api.bindings.http.port}</c>.</summary>
    public string ValueExpression => Endpoint.ExpressionOf(Property);

    IEnumerable<object> IValueWithReferences.References => [Endpoint];

    /// <summary>Gives the value, waiting for the endpoint's address where it needs it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <summary>Gives the value as <paramref name="context"/> sees it, waiting for the endpoint's address where it needs it.</summary>
    /// <param name="context">Who asks, and from where.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint.</exception>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);

        return Property switch
        {
            EndpointProperty.Scheme => Endpoint.Scheme,
            EndpointProperty.TlsEnabled => Endpoint.TlsEnabled ? bool.TrueString : bool.FalseString,
            EndpointProperty.TargetPort when Endpoint.TargetPort is > 0 and var port => Text(port),
            _ => PartOf(await Endpoint.ResolveAsync(context, cancellationToken).ConfigureAwait(false)),
        };
    }

    private string PartOf(AllocatedEndpoint allocated) => Property switch
    {
        EndpointProperty.Url => allocated.UriString,
        EndpointProperty.Host => allocated.Address,
        EndpointProperty.IPV4Host => allocated.Address == KnownHostNames.Localhost ? "127.0.0.1" : allocated.Address,
        EndpointProperty.Port => Text(allocated.Port),
        EndpointProperty.TargetPort => allocated.TargetPortExpression ?? Text(allocated.Port),
        EndpointProperty.HostAndPort => allocated.EndPointString,
        _ => throw new InvalidOperationException($"Endpoint '{Endpoint.EndpointName}' of resource '{Endpoint.Resource.Name}' has no property '{Property}'."),
    };

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
