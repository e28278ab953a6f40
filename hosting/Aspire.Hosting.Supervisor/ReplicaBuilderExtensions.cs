using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Replicas;
using Aspire.Hosting.Supervisor.Runtime;

namespace Aspire.Hosting;

/// <summary>Adds projects that run as several replicas, each a resource of its own.</summary>
public static class ReplicaBuilderExtensions
{
    private const int MostReplicas = 1000;

    /// <summary>
    /// Adds a project that runs as several replicas. Each replica <c>name-1</c>, <c>name-2</c>, … is a project resource with its own
    /// port, Unix socket, health, console and commands, below a group with their common state and the commands for all of them.
    /// </summary>
    /// <typeparam name="TProject">The project's metadata class, such as <c>Projects.Api</c>.</typeparam>
    /// <param name="builder">The application's builder.</param>
    /// <param name="name">The name of the group, and the prefix of the replicas' names.</param>
    /// <param name="count">How many replicas start with the application: 1 to 1,000.</param>
    /// <param name="max">
    /// The most replicas that the command <c>scale</c> can start: <paramref name="count"/> to 1,000; default <paramref name="count"/>.
    /// Those above the count are standby replicas, shown as not started.
    /// </param>
    /// <param name="configure">
    /// Configures one replica like a project: called for each replica when run, and once for the project when published.
    /// </param>
    /// <returns>A builder for the group. <c>WaitFor</c> waits until all replicas in use are healthy.</returns>
    /// <remarks>
    /// <para>
    /// A replica listens on its own port, without a proxy of the orchestrator in between, and on a Unix socket
    /// (<c>ASPNETCORE_URLS</c>), which nginx prefers. Its <c>https</c> endpoints are left out when it has an <c>http</c> one: TLS ends at
    /// the proxy in front. Variables of the AppHost's own environment, such as <c>HTTP_PORTS</c> and <c>URLS</c>, do not change where it
    /// listens.
    /// </para>
    /// <para>
    /// The built executable is started directly, without <c>dotnet run</c>, unless an IDE's debug session or <c>dotnet watch</c> starts it.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> or <paramref name="max"/> is out of its range.</exception>
    /// <exception cref="DistributedApplicationException">
    /// An endpoint has a fixed port, which only one replica could listen on, or <c>WithSupervisor</c> was called on a replica.
    /// </exception>
    /// <example>
    /// <code>
    /// var api = builder.AddReplicas&lt;Projects.Api>("api", count: 3, max: 6, replica => replica
    ///         .WithHttpHealthCheck("/health"))
    ///     .WithSupervisor();
    /// </code>
    /// </example>
    public static IResourceBuilder<ReplicaGroupResource> AddReplicas<TProject>(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        int count,
        int? max = null,
        Action<IResourceBuilder<ProjectResource>>? configure = null)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostReplicas);
        ArgumentOutOfRangeException.ThrowIfLessThan(max ?? count, count, nameof(max));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max ?? count, MostReplicas, nameof(max));

        var group = new ReplicaGroupResource(name, count, max ?? count);
        return builder.ExecutionContext.IsRunMode
            ? Run<TProject>(builder, group, configure)
            : Publish<TProject>(builder, group, configure);
    }

    /// <summary>
    /// Gives a resource the addresses of all replicas in use, for service discovery (<c>services__api__http__0</c>, <c>__1</c>, …); when
    /// published, that of the project.
    /// </summary>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource that calls the replicas.</param>
    /// <param name="source">The group.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<ReplicaGroupResource> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);

        var group = source.Resource;
        if (!builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return builder.WithReference(builder.ApplicationBuilder.CreateResourceBuilder(group.Replicas[0]));
        }

        return builder.WithReferenceRelationship(group).WithEnvironment(context =>
        {
            foreach (var (index, replica) in group.InUse.Index())
            {
                foreach (var endpoint in replica.GetEndpoints())
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"services__{group.Name}__{endpoint.EndpointName}__{index}");
                    context.EnvironmentVariables[name] = endpoint;
                }
            }
        });
    }

    private static IResourceBuilder<ReplicaGroupResource> Run<TProject>(
        IDistributedApplicationBuilder builder,
        ReplicaGroupResource group,
        Action<IResourceBuilder<ProjectResource>>? configure)
        where TProject : IProjectMetadata, new()
    {
        var groupBuilder = builder.AddResource(group)
            .WithAnnotation(new SupervisorAnnotation { Options = SupervisorOptions.None })
            .WithInitialState(GroupStatus.Initial(group))
            .WithIconName("ServerMultiple")
            .ExcludeFromManifest();
        var launch = DirectLaunch.Of<TProject>(builder);
        group.Replicas =
        [
            .. Enumerable.Range(1, group.Max).Select(number =>
            {
                var replica = builder.AddProject<TProject>(string.Create(CultureInfo.InvariantCulture, $"{group.Name}-{number}"))
                    .WithEnvironment("OTEL_SERVICE_NAME", group.Name)
                    .WithEnvironment(context => NameInstance(context.EnvironmentVariables, number))
                    .WithParentRelationship(group);
                ReplicaEndpoints.UseOwnPorts(replica);
                configure?.Invoke(replica);
                ThrowIfSupervised(replica, group);
                ReplicaEndpoints.Check(replica, group.Name, group.Max);
                group.Sockets.Add(replica);
                launch.Apply(replica);
                return (number > group.Count ? replica.WithExplicitStart() : replica).Resource;
            }),
        ];
        SupervisorService.AddTo(builder);
        GroupCommands.AddTo(groupBuilder);
        return groupBuilder;
    }

    /// <summary>
    /// Puts the replica's number before its service instance id: the dashboard finds the telemetry of the resource "api-1-kqzxvbnm" by
    /// the service "api" and the instance "1-kqzxvbnm".
    /// </summary>
    private static void NameInstance(Dictionary<string, object> variables, int number)
    {
        const string resourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";
        const string instance = "service.instance.id=";
        if (variables.GetValueOrDefault(resourceAttributes) is string attributes)
        {
            var numbered = string.Create(CultureInfo.InvariantCulture, $"{instance}{number}-");
            variables[resourceAttributes] = attributes.Replace(instance, numbered, StringComparison.Ordinal);
        }
    }

    private static IResourceBuilder<ReplicaGroupResource> Publish<TProject>(
        IDistributedApplicationBuilder builder,
        ReplicaGroupResource group,
        Action<IResourceBuilder<ProjectResource>>? configure)
        where TProject : IProjectMetadata, new()
    {
        var project = builder.AddProject<TProject>(group.Name)
            .WithReplicas(group.Count)
            .WithRelationship(group, ResourceParents.Relationship);
        configure?.Invoke(project);
        ThrowIfSupervised(project, group);
        group.Replicas = [project.Resource];

        // A reference to an endpoint of the group is one to the project, which has the same name.
        foreach (var endpoint in project.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            group.Annotations.Add(endpoint);
        }

        return builder.CreateResourceBuilder(group);
    }

    private static void ThrowIfSupervised(IResourceBuilder<ProjectResource> replica, ReplicaGroupResource group)
    {
        if (replica.Resource.Annotations.OfType<SupervisorAnnotation>().Any())
        {
            throw new DistributedApplicationException(
                $"AddReplicas: '{group.Name}' is supervised as a whole. "
                + "Call WithSupervisor on what AddReplicas returns, not on a replica.");
        }
    }
}
