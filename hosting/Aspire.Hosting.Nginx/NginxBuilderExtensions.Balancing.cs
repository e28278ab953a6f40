using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting;

/// <content>Which member of an upstream gets a request, and the port.</content>
public static partial class NginxBuilderExtensions
{
    /// <summary>Names of policies in the words of YARP and of nginx.</summary>
    private static readonly Dictionary<string, NginxLoadBalancing> Policies = new(StringComparer.OrdinalIgnoreCase)
    {
        ["RoundRobin"] = NginxLoadBalancing.RoundRobin,
        ["LeastRequests"] = NginxLoadBalancing.LeastConnections,
        ["least_conn"] = NginxLoadBalancing.LeastConnections,
        ["ip_hash"] = NginxLoadBalancing.IpHash,
        ["Random"] = NginxLoadBalancing.Random,
        ["PowerOfTwoChoices"] = NginxLoadBalancing.PowerOfTwoChoices,
    };

    /// <summary>Sets the port for clients, in place of the one of <c>AddNginx</c>.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="port">The TCP port, 1 to 65,535. Null, and 0: any unused one.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="port"/> is not from 0 to 65,535.</exception>
    /// <exception cref="DistributedApplicationException">Another nginx has this port.</exception>
    /// <example>
    /// <code>
    /// builder.AddNginx("nginx").WithHostPort(8080);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithHostPort(this IResourceBuilder<NginxResource> builder, int? port)
    {
        ArgumentNullException.ThrowIfNull(builder);
        CheckRange(port);
        var options = Options(builder);
        var wanted = port is 0 ? null : port;
        if (wanted != options.Port)
        {
            ModelCheck.CheckPort(builder.Resource.Name, wanted, builder.ApplicationBuilder.Resources);
        }

        options.Port = wanted;
        if (builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            var endpoint = builder.Resource.PrimaryEndpoint.EndpointAnnotation;
            (endpoint.Port, endpoint.TargetPort) = (wanted, wanted);
        }

        return builder;
    }

    /// <summary>
    /// Sets which member of an upstream gets the next request. Default: each in turn. In Kubernetes and Container Apps, which select the
    /// replica themselves, another policy is an error.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="policy">The policy.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such policy.</exception>
    /// <example>
    /// <code>
    /// nginx.WithLoadBalancingPolicy(NginxLoadBalancing.LeastConnections);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithLoadBalancingPolicy(
        this IResourceBuilder<NginxResource> builder, NginxLoadBalancing policy)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Change(builder, configuration => configuration with { Upstream = configuration.Upstream with { LoadBalancing = policy } });
    }

    /// <summary>Sets which member of an upstream gets the next request, by the policy's name in YARP or nginx.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="policy">
    /// <c>RoundRobin</c>, <c>LeastRequests</c> or <c>least_conn</c>, <c>ip_hash</c>, <c>Random</c>, <c>PowerOfTwoChoices</c>, in upper or
    /// lower case.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such policy.</exception>
    public static IResourceBuilder<NginxResource> WithLoadBalancingPolicy(this IResourceBuilder<NginxResource> builder, string policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Policies.TryGetValue(policy, out var known)
            ? builder.WithLoadBalancingPolicy(known)
            : throw new DistributedApplicationException(
                $"WithLoadBalancingPolicy: nginx has no policy \"{policy}\"; it must be one of {string.Join(", ", Policies.Keys)}.");
    }

    /// <summary>
    /// Sends a client to the replica that it had before, for SignalR and Blazor over several replicas: a cookie of the session
    /// (<c>HttpOnly; SameSite=Lax; Path=/</c>, and <c>Secure</c> with TLS) names the replica. Where that one is gone or does not answer,
    /// another one answers and the cookie names it. Containers behind one name are selected by a hash of the cookie; in Kubernetes it is an
    /// error.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configure">Returns changed settings; <see cref="NginxStickySessions"/> has the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The name of the cookie is malformed.</exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/", blazor).WithStickySessions();
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithStickySessions(
        this IResourceBuilder<NginxResource> builder, Func<NginxStickySessions, NginxStickySessions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Change(builder, configuration => configuration with { Sticky = configure?.Invoke(new()) ?? new() });
    }
}
