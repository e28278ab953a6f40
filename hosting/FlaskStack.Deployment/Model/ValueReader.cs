using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing.Values;

/// <summary>Reads the values of the model as a compute environment sees them, without asking for a secret.</summary>
/// <param name="environment">Says what addresses are there.</param>
internal sealed class ValueReader(IComputeEnvironmentResource environment)
{
    private const string UriFormat = "uri";

    /// <summary>The environment variables of a resource, by name.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="executionContext">Says that the application is published.</param>
    /// <param name="isWanted">Which of them are asked for, by name.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DistributedApplicationException">A value cannot be known; the message names the variable.</exception>
    public async Task<ImmutableArray<PublishedVariable>> VariablesAsync(
        IResource resource,
        DistributedApplicationExecutionContext executionContext,
        Func<string, bool> isWanted,
        CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        var variables = ImmutableArray.CreateBuilder<PublishedVariable>();
        foreach (var (name, value) in context.EnvironmentVariables.Where(pair => isWanted(pair.Key)).OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            variables.Add(new PublishedVariable(name, await ReadAsync(resource, $"environment variable '{name}'", value, cancellationToken).ConfigureAwait(false)));
        }

        return variables.ToImmutable();
    }

    /// <summary>The command-line arguments of a resource, in order.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="executionContext">Says that the application is published.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DistributedApplicationException">A value cannot be known.</exception>
    public async Task<ImmutableArray<PublishedValue>> ArgumentsAsync(IResource resource, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var given = new List<object>();
        var context = new CommandLineArgsCallbackContext(given, resource, cancellationToken) { ExecutionContext = executionContext };
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        var arguments = ImmutableArray.CreateBuilder<PublishedValue>(given.Count);
        foreach (var argument in given)
        {
            arguments.Add(await ReadAsync(resource, "an argument", argument, cancellationToken).ConfigureAwait(false));
        }

        return arguments.MoveToImmutable();
    }

    /// <summary>The value of an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<PublishedValue> ReadAsync(ReferenceExpression expression, CancellationToken cancellationToken)
    {
        var parts = ImmutableArray.CreateBuilder<PublishedPart>();
        await AddAsync(parts, expression, isEscaped: false, cancellationToken).ConfigureAwait(false);
        return new PublishedValue(parts.ToImmutable());
    }

    private async Task<PublishedValue> ReadAsync(IResource resource, string what, object value, CancellationToken cancellationToken)
    {
        var parts = ImmutableArray.CreateBuilder<PublishedPart>();
        try
        {
            await AddAsync(parts, value, isEscaped: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or NotSupportedException)
        {
            throw new DistributedApplicationException($"Resource '{resource.Name}': {what} cannot be published to '{environment.Name}': {exception.Message}", exception);
        }

        return new PublishedValue(parts.ToImmutable());
    }

    private async Task AddAsync(ImmutableArray<PublishedPart>.Builder parts, object? value, bool isEscaped, CancellationToken cancellationToken)
    {
        switch (value)
        {
            case null:
                break;
            case string text:
                parts.Add(new PublishedPart(isEscaped ? Uri.EscapeDataString(text) : text));
                break;
            case bool flag:
                parts.Add(new PublishedPart(flag ? "true" : "false"));
                break;
            case ReferenceExpression expression:
                await AddExpressionAsync(parts, expression, isEscaped, cancellationToken).ConfigureAwait(false);
                break;
            case EndpointReference endpoint:
                await AddAsync(parts, AddressOf(endpoint.Property(EndpointProperty.Url)), isEscaped, cancellationToken).ConfigureAwait(false);
                break;
            case EndpointReferenceExpression part:
                await AddAsync(parts, AddressOf(part), isEscaped, cancellationToken).ConfigureAwait(false);
                break;
            case ParameterResource parameter:
                await AddParameterAsync(parts, parameter, isEscaped, cancellationToken).ConfigureAwait(false);
                break;
            case ConnectionStringReference reference:
                await AddAsync(parts, reference.Resource, isEscaped, cancellationToken).ConfigureAwait(false);
                break;
            case IResourceWithConnectionString { ConnectionStringExpression: { } connection }:
                await AddAsync(parts, connection, isEscaped, cancellationToken).ConfigureAwait(false);
                break;
            case IResourceBuilder<IResource> builder:
                await AddAsync(parts, builder.Resource, isEscaped, cancellationToken).ConfigureAwait(false);
                break;
            case IFormattable formattable:
                parts.Add(new PublishedPart(formattable.ToString(format: null, CultureInfo.InvariantCulture)));
                break;
            default:
                throw new NotSupportedException($"a {value.GetType().Name} has no value outside this machine.");
        }
    }

    private ReferenceExpression AddressOf(EndpointReferenceExpression endpoint) => environment.GetEndpointPropertyExpression(endpoint);

    /// <summary>What is known and no secret is written as it is; the rest is left for whoever deploys.</summary>
    private static async Task AddParameterAsync(ImmutableArray<PublishedPart>.Builder parts, ParameterResource parameter, bool isEscaped, CancellationToken cancellationToken)
    {
        if (!parameter.Secret && await KnownValueAsync(parameter, cancellationToken).ConfigureAwait(false) is { } known)
        {
            parts.Add(new PublishedPart(isEscaped ? Uri.EscapeDataString(known) : known));
            return;
        }

        parts.Add(new PublishedPart(string.Empty, new PublishedParameter(parameter.Name, parameter.Secret, isEscaped)));
    }

    private static async Task<string?> KnownValueAsync(ParameterResource parameter, CancellationToken cancellationToken)
    {
        try
        {
            return await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DistributedApplicationException)
        {
            return null;
        }
    }

    /// <summary>Walks a composite format: <c>{n}</c> is the n-th value, and a doubled brace is a brace.</summary>
    private async Task AddExpressionAsync(ImmutableArray<PublishedPart>.Builder parts, ReferenceExpression expression, bool isEscaped, CancellationToken cancellationToken)
    {
        var format = expression.Format;
        for (var index = 0; index < format.Length;)
        {
            var brace = format.IndexOfAny(['{', '}'], index);
            if (brace < 0)
            {
                await AddAsync(parts, format[index..], isEscaped, cancellationToken).ConfigureAwait(false);
                return;
            }

            var isDoubled = brace + 1 < format.Length && format[brace + 1] == format[brace];
            if (brace > index || isDoubled)
            {
                await AddAsync(parts, format[index..(isDoubled ? brace + 1 : brace)], isEscaped, cancellationToken).ConfigureAwait(false);
            }

            if (isDoubled)
            {
                index = brace + 2;
                continue;
            }

            var end = format.IndexOf('}', brace);
            var number = int.Parse(format.AsSpan(brace + 1, end - brace - 1), NumberStyles.None, CultureInfo.InvariantCulture);
            await AddAsync(parts, expression.ValueProviders[number], isEscaped || IsUri(expression, number), cancellationToken).ConfigureAwait(false);
            index = end + 1;
        }
    }

    private static bool IsUri(ReferenceExpression expression, int number) =>
        string.Equals(expression.StringFormats[number], UriFormat, StringComparison.OrdinalIgnoreCase);
}
