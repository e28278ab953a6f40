using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Runtime;
using Aspire.Hosting.Supervisor.Validation;

namespace Aspire.Hosting;

/// <summary>Adds supervision and autoscaling to resources.</summary>
public static class SupervisorBuilderExtensions
{
    /// <summary>
    /// Supervises a resource: a process that crashes is restarted, one that hangs is killed and replaced, one above its limits is replaced
    /// gracefully, and the command <c>reload</c> replaces replica after replica. Restarts are shown in the resource's state, properties and
    /// console, in the log category <c>Aspire.Hosting.Supervisor</c>, and in the counter <c>supervisor.restarts</c>.
    /// </summary>
    /// <typeparam name="T">The type of the resource: a project, an executable, a container or a group of replicas.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="configure">Changes the options; a further call starts from those of the call before. Default: no change.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// A resource with its own <c>reload</c> command, such as nginx, keeps it. SIGHUP to the AppHost reloads all supervised resources, one
    /// after another. A container is not a process of this machine: <c>MemoryLimit</c>, <c>StopSignal</c>, <c>StopWaitSeconds</c> and
    /// <c>Watchdog</c> cannot be set for it when run, only when published. A deployment target refuses options that it has nothing for,
    /// such as <c>MaxRequests</c>.
    /// </remarks>
    /// <exception cref="DistributedApplicationException">
    /// The resource is never started, or options are out of range or cannot be set for it; the message names all of them.
    /// </exception>
    /// <example>
    /// <code>
    /// api.WithSupervisor(supervisor => supervisor with { MemoryLimit = 512L &lt;&lt; 20, StartRetries = 5 });
    /// </code>
    /// </example>
    public static IResourceBuilder<T> WithSupervisor<T>(
        this IResourceBuilder<T> builder,
        Func<SupervisorOptions, SupervisorOptions>? configure = null)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        var resource = builder.Resource;
        if (!SupervisedKinds.IsSupervised(resource))
        {
            throw new DistributedApplicationException(
                $"The resource '{resource.Name}' cannot be supervised: a {resource.GetType().Name} is never started. "
                + "WithSupervisor is for projects, executables, containers and groups of replicas.");
        }

        var annotation = resource.Annotations.OfType<SupervisorAnnotation>().LastOrDefault();
        var options = annotation is { Options.IsNone: false } ? annotation.Options : new SupervisorOptions();
        options = configure is null ? options : configure(options);
        if (resource is ReplicaGroupResource group && options.MaxReplicas == 0 && group.Max > group.Count)
        {
            options = options with { MaxReplicas = group.Max };
        }

        var isRun = builder.ApplicationBuilder.ExecutionContext.IsRunMode;
        ThrowIfAny(
            resource,
            [
                .. SupervisorOptionsValidator.Validate(options),
                .. isRun && !SupervisedKinds.HasProcesses(resource) ? SupervisorOptionsValidator.ValidateWithoutProcess(options) : [],
            ]);
        if (annotation is null)
        {
            Supervise(builder, annotation = new SupervisorAnnotation());
        }

        annotation.Options = options;
        return builder;
    }

    /// <summary>
    /// Scales a group with its load: up to its maximum within seconds, and down after minutes. The load is the number of requests in
    /// flight, as an nginx of <c>Aspire.Hosting.Nginx</c> counts them, and the processor use of the replicas. Each step is shown in the
    /// group's properties and console, in the log category <c>Aspire.Hosting.Supervisor</c>, and in the counter <c>supervisor.scalings</c>.
    /// </summary>
    /// <param name="builder">The group.</param>
    /// <param name="configure">Changes the options; a further call starts from those of the call before. Default: no change.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// The commands <c>scale</c>, <c>scale-up</c> and <c>scale-down</c> still work: a number set by them is left alone for
    /// <see cref="AutoscalingOptions.ScaleDownAfter"/>. Requests in flight need nginx's telemetry, which is on when there is a dashboard or
    /// another receiver; without it only the processor use counts. It has no effect when published: a deployment target scales by itself.
    /// </remarks>
    /// <exception cref="DistributedApplicationException">
    /// An option is out of range, or the group has no room to grow; the message names all errors.
    /// </exception>
    /// <example>
    /// <code>
    /// builder.AddReplicas&lt;Projects.Api>("api", count: 2, max: 6)
    ///     .WithAutoscaling(scaling => scaling with { RequestsPerReplica = 20 });
    /// </code>
    /// </example>
    public static IResourceBuilder<ReplicaGroupResource> WithAutoscaling(
        this IResourceBuilder<ReplicaGroupResource> builder,
        Func<AutoscalingOptions, AutoscalingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var group = builder.Resource;
        var annotation = group.Annotations.OfType<AutoscalingAnnotation>().LastOrDefault();
        var options = annotation?.Options ?? new();
        options = configure is null ? options : configure(options);
        if (AutoscalingOptionsValidator.Validate(options, group) is { Count: > 0 } errors)
        {
            throw new DistributedApplicationException(
                $"The autoscaling of the group '{group.Name}' is not valid. {string.Join(' ', errors)}");
        }

        if (annotation is null)
        {
            builder.WithAnnotation(annotation = new AutoscalingAnnotation());
        }

        annotation.Options = options;
        return builder;
    }

    private static void Supervise<T>(IResourceBuilder<T> builder, SupervisorAnnotation annotation)
        where T : IResource
    {
        var resource = builder.Resource;
        builder.WithAnnotation(annotation);
        if (!builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            // A deployment target finds the options at the project that stands for the group.
            foreach (var project in (resource as ReplicaGroupResource)?.Replicas ?? [])
            {
                project.Annotations.Add(annotation);
            }

            return;
        }

        IEnumerable<IResource> members = resource is ReplicaGroupResource group ? group.Replicas : [resource];
        foreach (var member in members.Where(SupervisedKinds.HasProcesses))
        {
            Leftovers.Mark(member);
        }

        SupervisorService.AddTo(builder.ApplicationBuilder);
        builder.ApplicationBuilder.OnBeforeStart((_, _) =>
        {
            ThrowIfAny(resource, SupervisorOptionsValidator.ValidateReplicas(annotation.Options, ReplicasOf(resource)));
            return Task.CompletedTask;
        });

        var commands = resource.Annotations.OfType<ResourceCommandAnnotation>();
        if (commands.All(command => command.Name != SupervisorService.ReloadCommand))
        {
            GroupCommands.AddReload(builder);
        }
    }

    private static int ReplicasOf(IResource resource) =>
        resource is ReplicaGroupResource group
            ? group.Max
            : resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    private static void ThrowIfAny(IResource resource, IReadOnlyList<string> errors)
    {
        if (errors.Count > 0)
        {
            throw new DistributedApplicationException(
                $"The supervision of the resource '{resource.Name}' is not valid. {string.Join(' ', errors)}");
        }
    }
}
