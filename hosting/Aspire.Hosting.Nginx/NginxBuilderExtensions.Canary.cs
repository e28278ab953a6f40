// The overloads differ by the type of the target.
#pragma warning disable RS0026

using System.Globalization;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting;

/// <content>Canaries.</content>
public static partial class NginxBuilderExtensions
{
    private const string CanaryCommand = "canary-share";
    private const string PathArgument = "path";
    private const string PercentArgument = "percent";

    /// <summary>
    /// Sends a share of a route's requests to another target (<c>split_clients</c>). While the application runs, the command
    /// <c>canary-share</c> changes the share without losing a request. A request is retried on members of its own target alone; as long as
    /// the target has none, all requests stay with the route's own.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path of routes that are there already.</param>
    /// <param name="target">The resource with all its replicas, or a group of resources.</param>
    /// <param name="percent">The share: 0 to 100, with at most two decimals.</param>
    /// <param name="configure">Returns changed settings; <see cref="NginxCanaryOptions"/> has the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">No route has the path, or the share is out of its range.</exception>
    /// <example>
    /// <code>
    /// nginx.WithReverseProxy("/", flask).WithCanary("/", api, percent: 5);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithCanary(
        this IResourceBuilder<NginxResource> builder,
        string path,
        IResourceBuilder<IResourceWithEndpoints> target,
        double percent,
        Func<NginxCanaryOptions, NginxCanaryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        return AddCanary(builder, path, new UpstreamSource(target.Resource, EndpointName: null), external: null, percent, configure);
    }

    /// <summary>Sends a share of a route's requests to one endpoint of a resource, as the other overload does.</summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path of routes that are there already.</param>
    /// <param name="target">The endpoint.</param>
    /// <param name="percent">The share: 0 to 100, with at most two decimals.</param>
    /// <param name="configure">Returns changed settings; <see cref="NginxCanaryOptions"/> has the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">No route has the path, or the share is out of its range.</exception>
    public static IResourceBuilder<NginxResource> WithCanary(
        this IResourceBuilder<NginxResource> builder,
        string path,
        EndpointReference target,
        double percent,
        Func<NginxCanaryOptions, NginxCanaryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        return AddCanary(builder, path, new UpstreamSource(target.Resource, target.EndpointName), external: null, percent, configure);
    }

    /// <summary>
    /// Sends a share of a route's requests to a service outside the application, with its own name in <c>Host</c>, as the other overload
    /// does.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path of routes that are there already.</param>
    /// <param name="target">The service.</param>
    /// <param name="percent">The share: 0 to 100, with at most two decimals.</param>
    /// <param name="configure">Returns changed settings; <see cref="NginxCanaryOptions"/> has the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">No route has the path, or the share is out of its range.</exception>
    public static IResourceBuilder<NginxResource> WithCanary(
        this IResourceBuilder<NginxResource> builder,
        string path,
        IResourceBuilder<ExternalServiceResource> target,
        double percent,
        Func<NginxCanaryOptions, NginxCanaryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        return AddCanary(builder, path, source: null, new ExternalSource(target.Resource), percent, configure);
    }

    private static IResourceBuilder<NginxResource> AddCanary(
        IResourceBuilder<NginxResource> builder,
        string path,
        UpstreamSource? source,
        ExternalSource? external,
        double percent,
        Func<NginxCanaryOptions, NginxCanaryOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        var options = configure?.Invoke(new()) ?? new();
        var canary = new NginxCanary(source?.Name ?? external!.Name, percent, options.StickyClients);
        ChangeRoutes(builder, nameof(WithCanary), path, canary.Upstream, route => route with { Canary = canary });
        AddTarget(builder, source is null ? [] : [source], external);
        if (builder.ApplicationBuilder.ExecutionContext.IsRunMode && !OperatingSystem.IsWindows())
        {
            AddCanaryCommand(builder);
        }

        return builder;
    }

    /// <summary>Changes the routes of a path to resources, other than the target if there is one.</summary>
    private static void ChangeRoutes(
        IResourceBuilder<NginxResource> builder, string option, string path, string? target, Func<NginxRoute, NginxRoute> change)
    {
        var wanted = RequestPath.Normalize(NginxConfigurationBuilder.PathOf(path));
        bool IsMeant(NginxRoute route) =>
            route.Upstream is not null && route.Upstream != target && RequestPath.Normalize(route.Path) == wanted;
        if (!Options(builder).Configuration.Routes.Any(IsMeant))
        {
            throw new DistributedApplicationException(
                $"{option}: '{builder.Resource.Name}' passes no path \"{path}\" to a resource"
                    + $"{(target is null ? "" : $" other than '{target}'")}; add a route for it first.");
        }

        Change(builder, configuration => configuration with
        {
            Routes = [.. configuration.Routes.Select(route => IsMeant(route) ? change(route) : route)],
        });
    }

    [UnsupportedOSPlatform("windows")]
    private static void AddCanaryCommand(IResourceBuilder<NginxResource> nginx)
    {
        var name = nginx.Resource.Name;
        nginx.WithCommand(
            CanaryCommand,
            "Canary share",
            context =>
            {
                context.Arguments.TryGetByName(PathArgument, out var path);
                return context.Arguments.TryGetByName(PercentArgument, out var input)
                    && double.TryParse(input.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
                        ? Host(context.Services)[name].SetCanaryShareAsync(path?.Value, percent, context.CancellationToken)
                        : Task.FromResult(CommandResults.Failure($"{PercentArgument} must be a number from 0 to 100."));
            },
            new CommandOptions
            {
                Description = "Send another share of a route's requests to its canary, without losing one.",
                IconName = "ArrowSplit",
                Arguments =
                [
                    new InteractionInput
                    {
                        Name = PercentArgument,
                        Label = "Percent",
                        InputType = InputType.Number,
                        Required = true,
                        Description = "From 0 to 100",
                    },
                    new InteractionInput
                    {
                        Name = PathArgument,
                        Label = "Path",
                        InputType = InputType.Text,
                        Description = "The path of the route; it may be left out where one route has a canary",
                    },
                ],
            });
    }
}
