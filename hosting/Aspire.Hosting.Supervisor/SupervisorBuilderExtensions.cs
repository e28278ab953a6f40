using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Runtime;
using Aspire.Hosting.Supervisor.Validation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Has resources supervised.</summary>
public static class SupervisorBuilderExtensions
{
    /// <summary>
    /// Keeps a resource alive: what crashes is restarted, what hangs is killed and replaced, what outgrows its limits is replaced
    /// gracefully, and the command <c>reload</c> replaces replica after replica. It says so in state and properties of the rows, in
    /// the consoles, in the log category <c>Aspire.Hosting.Supervisor</c>, and in the counter <c>flaskstack.supervisor.restarts</c>.
    /// </summary>
    /// <typeparam name="T">The type of the resource: a project, an executable, or what is built on them.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="configure">Changes the options there are; those of an earlier call are kept. Default: as they are.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// A resource that has a <c>reload</c> command of its own, such as nginx, keeps it. SIGHUP to the AppHost reloads all supervised
    /// resources one after another.
    /// </remarks>
    /// <exception cref="DistributedApplicationException">An option is out of its range; the message names all that are.</exception>
    /// <example>
    /// <code>
    /// api.WithSupervisor(supervisor => supervisor with { MemoryLimit = 512L &lt;&lt; 20, StartRetries = 5 });
    /// </code>
    /// </example>
    public static IResourceBuilder<T> WithSupervisor<T>(this IResourceBuilder<T> builder, Func<SupervisorOptions, SupervisorOptions>? configure = null)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        var annotation = builder.Resource.Annotations.OfType<SupervisorAnnotation>().LastOrDefault();
        var options = annotation?.Options ?? new SupervisorOptions();
        options = configure is null ? options : configure(options);
        ThrowIfAny(builder.Resource, SupervisorOptionsValidator.Validate(options));
        if (annotation is not null)
        {
            annotation.Options = options;
        }
        else
        {
            Supervise(builder, annotation = new SupervisorAnnotation { Options = options });
        }

        return builder.ApplicationBuilder.ExecutionContext.IsRunMode ? builder.WithInitialState(InitialSnapshot(builder.Resource, options)) : builder;
    }

    private static void Supervise<T>(IResourceBuilder<T> builder, SupervisorAnnotation annotation)
        where T : IResource
    {
        var resource = builder.Resource;
        builder.WithAnnotation(annotation);
        if (!builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return;
        }

        builder.ApplicationBuilder.Services.TryAddSingleton<SupervisorService>();
        builder.ApplicationBuilder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SupervisorService>(provider => provider.GetRequiredService<SupervisorService>()));
        builder.ApplicationBuilder.OnBeforeStart((_, _) =>
        {
            ThrowIfAny(resource, SupervisorOptionsValidator.ValidateReplicas(annotation.Options, resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1));
            return Task.CompletedTask;
        });

        var reloadsItself = resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == SupervisorService.ReloadCommand);
        if (resource is ProjectResource or ExecutableResource && !reloadsItself)
        {
            AddReload(builder);
        }
    }

    private static void AddReload<T>(IResourceBuilder<T> builder)
        where T : IResource
    {
        var resource = builder.Resource;
        builder.WithCommand(
            SupervisorService.ReloadCommand,
            "Reload",
            context => context.Services.GetRequiredService<SupervisorService>().ReloadAsync(resource).WaitAsync(context.CancellationToken),
            new CommandOptions
            {
                Description = "Replace one replica after another; the next goes only when the one before serves.",
                IconName = "ArrowSync",
                UpdateState = context => IsReloadable(context.ResourceSnapshot.State?.Text) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
            });
    }

    private static bool IsReloadable(string? state) =>
        state == KnownResourceStates.Running || state is SupervisorStates.Backoff or SupervisorStates.Fatal;

    /// <summary>What the host is to know from the first moment on, besides what is there already.</summary>
    private static CustomResourceSnapshot InitialSnapshot(IResource resource, SupervisorOptions options)
    {
        var given = resource.Annotations.OfType<ResourceSnapshotAnnotation>().LastOrDefault()?.InitialSnapshot
            ?? new CustomResourceSnapshot { ResourceType = resource is ProjectResource ? "Project" : "Executable", Properties = [] };
        return given.With(
            (PropertyNames.StopSignal, options.StopSignal ?? given.ValueOf(PropertyNames.StopSignal)),
            (PropertyNames.StopWaitSeconds, options.StopWaitSeconds),
            (PropertyNames.MaxReplicas, options.MaxReplicas > 0 ? options.MaxReplicas : null));
    }

    private static void ThrowIfAny(IResource resource, IReadOnlyList<string> errors)
    {
        if (errors.Count > 0)
        {
            throw new DistributedApplicationException($"The resource '{resource.Name}' cannot be supervised so. {string.Join(' ', errors)}");
        }
    }
}
