using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Runs the callbacks of a resource and turns what they leave into text.</summary>
internal static class ConfigurationResolver
{
    /// <summary>Works out what one process of a resource is started with. A value that turns out to be null is left out.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="executionContext">Whether the application runs or is published.</param>
    /// <param name="logger">The resource's log.</param>
    /// <param name="valueContext">Who asks; decides, among others, which replica's addresses a resource sees as its own.</param>
    /// <param name="cancellationToken">Ends the evaluation, and any wait for an address in it.</param>
    /// <exception cref="DistributedApplicationException">A value could not be had; the message names the variable or argument.</exception>
    public static async Task<ResolvedConfiguration> ResolveAsync(IResource resource, DistributedApplicationExecutionContext executionContext, ILogger logger, ValueProviderContext valueContext, CancellationToken cancellationToken)
    {
        var variables = await CollectVariablesAsync(resource, executionContext, logger, cancellationToken).ConfigureAwait(false);
        var arguments = await CollectArgumentsAsync(resource, executionContext, logger, cancellationToken).ConfigureAwait(false);

        var environment = new List<KeyValuePair<string, string>>(variables.Count);
        var sensitive = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            if (await TextOfAsync(resource, $"environment variable '{name}'", value, valueContext, cancellationToken).ConfigureAwait(false) is { } text)
            {
                environment.Add(KeyValuePair.Create(name, text));
                _ = ValueReferences.IsSensitive(value) && sensitive.Add(name);
            }
        }

        var resolved = new List<(string, bool)>(arguments.Count);
        for (var index = 0; index < arguments.Count; index++)
        {
            var what = string.Create(CultureInfo.InvariantCulture, $"argument {index + 1}");
            if (await TextOfAsync(resource, what, arguments[index], valueContext, cancellationToken).ConfigureAwait(false) is { } text)
            {
                resolved.Add((text, ValueReferences.IsSensitive(arguments[index])));
            }
        }

        return new ResolvedConfiguration(environment, resolved, sensitive);
    }

    /// <summary>Runs the environment callbacks, and gives the values as the callbacks left them.</summary>
    public static async Task<IReadOnlyDictionary<string, object>> CollectVariablesAsync(IResource resource, DistributedApplicationExecutionContext executionContext, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        return context.EnvironmentVariables;
    }

    /// <summary>Runs the argument callbacks, and gives the values as the callbacks left them.</summary>
    public static async Task<IReadOnlyList<object>> CollectArgumentsAsync(IResource resource, DistributedApplicationExecutionContext executionContext, ILogger logger, CancellationToken cancellationToken)
    {
        var arguments = new List<object>();
        var context = new CommandLineArgsCallbackContext(arguments, resource, cancellationToken) { ExecutionContext = executionContext, Logger = logger };
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        return arguments;
    }

    private static async ValueTask<string?> TextOfAsync(IResource resource, string what, object? value, ValueProviderContext context, CancellationToken cancellationToken)
    {
        try
        {
            return value switch
            {
                null => null,
                string text => text,
                IValueProvider provider => await provider.GetValueAsync(context, cancellationToken).ConfigureAwait(false),
                IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(context, cancellationToken).ConfigureAwait(false),
                bool flag => flag ? "true" : "false",
                IFormattable formattable => formattable.ToString(format: null, CultureInfo.InvariantCulture),
                _ => throw new InvalidOperationException($"a {value.GetType().Name} is neither text nor a value of the model."),
            };
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new DistributedApplicationException($"Resource '{resource.Name}': {what} has no value: {exception.Message}", exception);
        }
    }
}
