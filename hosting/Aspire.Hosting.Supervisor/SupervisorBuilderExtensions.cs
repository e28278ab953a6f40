using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Runtime;
using Aspire.Hosting.Supervisor.Validation;

namespace Aspire.Hosting;

/// <summary>Has resources supervised.</summary>
public static class SupervisorBuilderExtensions
{
    /// <summary>
    /// Keeps a resource alive: what crashes is restarted, what hangs is killed and replaced, what outgrows its limits is replaced
    /// gracefully, and the command <c>reload</c> replaces replica after replica. It says so in state and properties of the rows, in
    /// the consoles, in the log category <c>Aspire.Hosting.Supervisor</c>, and in the counter <c>supervisor.restarts</c>.
    /// </summary>
    /// <typeparam name="T">The type of the resource: a project, an executable, a container or a group of replicas.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="configure">Changes the options there are; those of an earlier call are kept. Default: as they are.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// A resource that has a <c>reload</c> command of its own, such as nginx, keeps it. SIGHUP to the AppHost reloads all supervised
    /// resources one after another. A container has no process of this machine: when run, <c>MemoryLimit</c>, <c>StopSignal</c>,
    /// <c>StopWaitSeconds</c> and <c>Watchdog</c> are not for it; when published, they are.
    /// </remarks>
    /// <exception cref="DistributedApplicationException">
    /// The resource is never started, or an option is out of its range or not for such a resource; the message names all that are.
    /// </exception>
    /// <example>
    /// <code>
    /// api.WithSupervisor(supervisor => supervisor with { MemoryLimit = 512L &lt;&lt; 20, StartRetries = 5 });
    /// </code>
    /// </example>
    public static IResourceBuilder<T> WithSupervisor<T>(this IResourceBuilder<T> builder, Func<SupervisorOptions, SupervisorOptions>? configure = null)
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
    /// Has a group run more replicas under load, up to its maximum, and fewer when the load is gone: by the requests in flight that an
    /// nginx of <c>Aspire.Hosting.Nginx</c> counts, and by the processors that the replicas keep busy. It goes up within seconds and down
    /// after minutes. Each step is a line in the group's console and in the log category <c>Aspire.Hosting.Supervisor</c>, is shown in its
    /// row, and counts in <c>supervisor.scalings</c>.
    /// </summary>
    /// <param name="builder">The group.</param>
    /// <param name="configure">Changes the options there are; those of an earlier call are kept. Default: as they are.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// The commands <c>scale</c>, <c>scale-up</c> and <c>scale-down</c> go on to work: what they set is left alone for
    /// <see cref="AutoscalingOptions.ScaleDownAfter"/>. Requests in flight need nginx's telemetry, which it has where there is a dashboard
    /// or another receiver; without it, and without nginx, processors alone decide. When published it does nothing: the target of a
    /// deployment scales by itself.
    /// </remarks>
    /// <exception cref="DistributedApplicationException">
    /// An option is out of its range, or the group has no room to grow; the message names all that is wrong.
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
            throw new DistributedApplicationException($"The group '{group.Name}' cannot be scaled so. {string.Join(' ', errors)}");
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
            // Who publishes the group finds the options at the project that stands for it.
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

        var reloadsItself = resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == SupervisorService.ReloadCommand);
        if (!reloadsItself)
        {
            GroupCommands.AddReload(builder);
        }
    }

    private static int ReplicasOf(IResource resource) =>
        resource is ReplicaGroupResource group ? group.Max : resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    private static void ThrowIfAny(IResource resource, IReadOnlyList<string> errors)
    {
        if (errors.Count > 0)
        {
            throw new DistributedApplicationException($"The resource '{resource.Name}' cannot be supervised so. {string.Join(' ', errors)}");
        }
    }
}
