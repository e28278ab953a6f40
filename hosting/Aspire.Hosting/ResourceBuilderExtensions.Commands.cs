using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting;

/// <summary>Configures resources.</summary>
public static partial class ResourceBuilderExtensions
{
    private static readonly string[] HttpCommandSchemes = ["https", "http"];

    /// <summary>Gives a resource a command, in place of an earlier one of the same name.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The name by which the command is executed.</param>
    /// <param name="displayName">What people see.</param>
    /// <param name="executeCommand">Executes the command. What it throws becomes a failed result.</param>
    /// <param name="commandOptions">Options. Default: enabled always, offered everywhere.</param>
    /// <returns>The builder.</returns>
    [OverloadResolutionPriority(1)]
    public static IResourceBuilder<T> WithCommand<T>(
        this IResourceBuilder<T> builder,
        string name,
        string displayName,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        CommandOptions? commandOptions = null)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(displayName);
        ArgumentNullException.ThrowIfNull(executeCommand);

        var options = commandOptions ?? new CommandOptions();
        return builder.ReplaceCommand(new ResourceCommandAnnotation(
            name,
            displayName,
            options.UpdateState ?? (static _ => ResourceCommandState.Enabled),
            executeCommand,
            options.Description,
            options.Arguments,
            options.ConfirmationMessage,
            options.IconName,
            options.IconVariant,
            options.IsHighlighted,
            options.Visibility,
            options.ValidateArguments));
    }

    /// <summary>Gives a resource a command, in place of an earlier one of the same name.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The name by which the command is executed.</param>
    /// <param name="displayName">What people see.</param>
    /// <param name="executeCommand">Executes the command. What it throws becomes a failed result.</param>
    /// <param name="updateState">Says, on every change of the resource, whether the command can be executed. Default: always.</param>
    /// <param name="displayDescription">A longer text for people.</param>
    /// <param name="parameter">Deprecated in Aspire: a value passed to the command.</param>
    /// <param name="confirmationMessage">A question to answer first.</param>
    /// <param name="iconName">A Fluent UI icon.</param>
    /// <param name="iconVariant">The look of the icon.</param>
    /// <param name="isHighlighted">Whether it is shown outside the menu.</param>
    /// <returns>The builder.</returns>
    [Obsolete("Use the overload that takes CommandOptions.")]
    public static IResourceBuilder<T> WithCommand<T>(
        this IResourceBuilder<T> builder,
        string name,
        string displayName,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        Func<UpdateCommandStateContext, ResourceCommandState>? updateState = null,
        string? displayDescription = null,
        object? parameter = null,
        string? confirmationMessage = null,
        string? iconName = null,
        IconVariant? iconVariant = null,
        bool isHighlighted = false)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.ReplaceCommand(new ResourceCommandAnnotation(
            name,
            displayName,
            updateState ?? (static _ => ResourceCommandState.Enabled),
            executeCommand,
            displayDescription,
            parameter,
            confirmationMessage,
            iconName,
            iconVariant,
            isHighlighted));
    }

    /// <summary>Gives a resource a command that sends it an HTTP request.</summary>
    /// <typeparam name="TResource">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path and query of the request, from the root of the endpoint.</param>
    /// <param name="displayName">What people see.</param>
    /// <param name="endpointName">The endpoint to send to. Default: https, else http.</param>
    /// <param name="commandName">The name by which the command is executed. Default: made of the resource, the method and the path.</param>
    /// <param name="commandOptions">Options. Default: POST, enabled while the resource runs.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<TResource> WithHttpCommand<TResource>(
        this IResourceBuilder<TResource> builder,
        string path,
        string displayName,
        string? endpointName = null,
        string? commandName = null,
        HttpCommandOptions? commandOptions = null)
        where TResource : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.WithHttpCommand(path, displayName, endpointName is null ? null : () => new EndpointReference(builder.Resource, endpointName), commandName, commandOptions);
    }

    /// <summary>Gives a resource a command that sends an HTTP request.</summary>
    /// <typeparam name="TResource">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path and query of the request, from the root of the endpoint.</param>
    /// <param name="displayName">What people see.</param>
    /// <param name="endpointSelector">Gets the endpoint to send to, which may be another resource's. Default: <see cref="HttpCommandOptions.EndpointSelector"/>, else the resource's https endpoint, else http.</param>
    /// <param name="commandName">The name by which the command is executed. Default: made of the resource, the method and the path.</param>
    /// <param name="commandOptions">Options. Default: POST, enabled while the resource runs.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">The resource has no http or https endpoint; thrown when the command is executed, as endpoints may be added later.</exception>
    public static IResourceBuilder<TResource> WithHttpCommand<TResource>(
        this IResourceBuilder<TResource> builder,
        string path,
        string displayName,
        Func<EndpointReference>? endpointSelector,
        string? commandName = null,
        HttpCommandOptions? commandOptions = null)
        where TResource : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(displayName);

        var options = commandOptions ?? new HttpCommandOptions();
        var selector = endpointSelector ?? options.EndpointSelector ?? (() => SelectHttpEndpoint(builder.Resource));
        var method = options.Method ?? HttpMethod.Post;
        builder.ApplicationBuilder.Services.AddHttpClient();

        return builder.ReplaceCommand(new ResourceCommandAnnotation(
            commandName ?? $"{builder.Resource.Name}-http-{method.Method.ToLowerInvariant()}-{path}",
            displayName,
            options.UpdateState ?? EnabledWhileRunning,
            new HttpCommand(path, () => CheckHttp(builder.Resource, selector()), options).ExecuteAsync,
            options.Description,
            options.Arguments,
            options.ConfirmationMessage,
            options.IconName,
            options.IconVariant,
            options.IsHighlighted,
            options.Visibility,
            options.ValidateArguments));
    }

    private static IResourceBuilder<T> ReplaceCommand<T>(this IResourceBuilder<T> builder, ResourceCommandAnnotation command)
        where T : IResource
    {
        var annotations = builder.Resource.Annotations;
        foreach (var earlier in annotations.OfType<ResourceCommandAnnotation>().Where(annotation => annotation.Name == command.Name).ToArray())
        {
            annotations.Remove(earlier);
        }

        return builder.WithAnnotation(command);
    }

    private static ResourceCommandState EnabledWhileRunning(UpdateCommandStateContext context)
        => context.ResourceSnapshot.State.Is(KnownResourceStates.Running) || context.ResourceSnapshot.State.Is(KnownResourceStates.RuntimeUnhealthy)
            ? ResourceCommandState.Enabled
            : ResourceCommandState.Disabled;

    private static EndpointReference SelectHttpEndpoint(IResourceWithEndpoints resource)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        var endpoint = HttpCommandSchemes
            .Select(scheme => endpoints.FirstOrDefault(candidate => string.Equals(candidate.UriScheme, scheme, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(static candidate => candidate is not null)
            ?? throw new DistributedApplicationException($"Resource '{resource.Name}' has no http or https endpoint for its HTTP command. Add one with WithHttpEndpoint, or name another endpoint.");
        return new EndpointReference(resource, endpoint);
    }

    private static EndpointReference CheckHttp(IResource resource, EndpointReference? endpoint)
    {
        if (endpoint is null)
        {
            throw new DistributedApplicationException($"The endpoint selector of an HTTP command of resource '{resource.Name}' returned null.");
        }

        return endpoint.IsHttp || endpoint.IsHttps
            ? endpoint
            : throw new DistributedApplicationException($"The HTTP command of resource '{resource.Name}' cannot use endpoint '{endpoint.EndpointName}': its scheme is '{endpoint.Scheme}', not http or https.");
    }
}
