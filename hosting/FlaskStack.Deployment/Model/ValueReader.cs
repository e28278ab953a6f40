using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Deployment.Model;

/// <summary>Reads the values of the model for a deployment target, without asking for secrets.</summary>
/// <param name="target">The target, which knows the addresses.</param>
/// <param name="executionContext">The context of publishing.</param>
/// <param name="cancellationToken">Cancels the reading.</param>
internal sealed class ValueReader(
    DeploymentTarget target, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
{
    private const string UriFormat = "uri";
    private const string OtlpVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string DrainVariable = "Drain__Seconds";
    private const double DefaultDrainSeconds = 3;

    /// <summary>The environment variables of a resource, in the order of the model.</summary>
    /// <exception cref="DistributedApplicationException">A value cannot be known; the message names the variable.</exception>
    public async Task<ImmutableArray<Variable>> VariablesAsync(IResource resource, Func<string, bool>? isWanted = null)
    {
        var configuration = await ConfigurationAsync(ExecutionConfigurationBuilder.Create(resource).WithEnvironmentVariablesConfig())
            .ConfigureAwait(false);
        var variables = ImmutableArray.CreateBuilder<Variable>();
        foreach (var (name, (value, _)) in configuration.EnvironmentVariablesWithUnprocessed
            .Where(variable => isWanted?.Invoke(variable.Key) ?? true))
        {
            variables.Add(new Variable(name, await ReadAsync(resource, $"environment variable '{name}'", value).ConfigureAwait(false)));
        }

        if (target.OtlpEndpoint is { } collector && MakesTelemetry(resource) && !HasOtlpEndpoint(variables))
        {
            variables.Add(new Variable(
                OtlpVariable, await ReadAsync(resource, $"environment variable '{OtlpVariable}'", collector).ConfigureAwait(false)));
        }

        return variables.ToImmutable();
    }

    /// <summary>Whether a resource makes telemetry where it is deployed: that of nginx is made by the AppHost.</summary>
    public static bool MakesTelemetry(IResource resource) =>
        resource.HasAnnotationOfType<OtlpExporterAnnotation>() && !PublishedNginx.IsNginx(resource);

    /// <summary>Whether telemetry has an address already.</summary>
    public static bool HasOtlpEndpoint(IEnumerable<Variable> variables) => variables.Any(static variable => variable.Name == OtlpVariable);

    /// <summary>The command-line arguments of a resource, in order.</summary>
    /// <exception cref="DistributedApplicationException">A value cannot be known.</exception>
    public async Task<ImmutableArray<PublishedValue>> ArgumentsAsync(IResource resource)
    {
        var configuration = await ConfigurationAsync(ExecutionConfigurationBuilder.Create(resource).WithArgumentsConfig())
            .ConfigureAwait(false);
        var arguments = ImmutableArray.CreateBuilder<PublishedValue>();
        foreach (var (value, _, _) in configuration.ArgumentsWithUnprocessed)
        {
            arguments.Add(await ReadAsync(resource, "an argument", value).ConfigureAwait(false));
        }

        return arguments.ToImmutable();
    }

    /// <summary>
    /// How long a stopping service waits for its clients to disconnect: <c>Drain:Seconds</c>, else the default of the service defaults.
    /// </summary>
    public static TimeSpan DrainTime(IEnumerable<Variable> variables)
    {
        var given = variables.FirstOrDefault(
            static variable => string.Equals(variable.Name, DrainVariable, StringComparison.OrdinalIgnoreCase))?.Value.Literal;
        return TimeSpan.FromSeconds(double.TryParse(given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? seconds : DefaultDrainSeconds);
    }

    /// <summary>The value of something in the model.</summary>
    /// <param name="resource">The resource it belongs to.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="DistributedApplicationException">It cannot be known.</exception>
    public async Task<PublishedValue> ReadAsync(IResource resource, string what, object? value)
    {
        var parts = ImmutableArray.CreateBuilder<PublishedPart>();
        try
        {
            await AddAsync(parts, value, isEscaped: false).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or NotSupportedException)
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}': {what} cannot be published to '{target.Name}': {exception.Message}", exception);
        }

        return new PublishedValue(parts.ToImmutable());
    }

    private async Task<IExecutionConfigurationResult> ConfigurationAsync(IExecutionConfigurationBuilder builder)
    {
        var result = await builder.BuildAsync(executionContext, NullLogger.Instance, cancellationToken).ConfigureAwait(false);
        return result.Exception is null ? result : throw result.Exception;
    }

    private async Task AddAsync(ImmutableArray<PublishedPart>.Builder parts, object? value, bool isEscaped)
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
                await AddExpressionAsync(parts, expression, isEscaped).ConfigureAwait(false);
                break;
            case EndpointReference endpoint:
                await AddAsync(parts, target.TextOf(endpoint.Property(EndpointProperty.Url)), isEscaped).ConfigureAwait(false);
                break;
            case EndpointReferenceExpression part:
                await AddAsync(parts, target.TextOf(part), isEscaped).ConfigureAwait(false);
                break;
            case ParameterResource parameter:
                await AddParameterAsync(parts, parameter, isEscaped).ConfigureAwait(false);
                break;
            case ConnectionStringReference reference:
                await AddAsync(parts, reference.Resource, isEscaped).ConfigureAwait(false);
                break;
            case IResourceWithConnectionString { ConnectionStringExpression: { } connection }:
                await AddAsync(parts, connection, isEscaped).ConfigureAwait(false);
                break;
            case IResourceBuilder<IResource> builder:
                await AddAsync(parts, builder.Resource, isEscaped).ConfigureAwait(false);
                break;
            case IFormattable formattable:
                parts.Add(new PublishedPart(formattable.ToString(format: null, CultureInfo.InvariantCulture)));
                break;
            default:
                throw new NotSupportedException($"a {value.GetType().Name} has no value outside this machine.");
        }
    }

    /// <summary>Adds the value of a parameter if it is known and not secret, else the parameter itself.</summary>
    private async Task AddParameterAsync(ImmutableArray<PublishedPart>.Builder parts, ParameterResource parameter, bool isEscaped)
    {
        if (!parameter.Secret && await KnownValueAsync(parameter).ConfigureAwait(false) is { } known)
        {
            parts.Add(new PublishedPart(isEscaped ? Uri.EscapeDataString(known) : known));
            return;
        }

        parts.Add(new PublishedPart(
            string.Empty, new PublishedParameter(parameter.Name, parameter.Secret, isEscaped, parameter.Description)));
    }

    private async Task<string?> KnownValueAsync(ParameterResource parameter)
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

    /// <summary>Reads a composite format: <c>{n}</c> is the n-th value, and a doubled brace is a brace.</summary>
    private async Task AddExpressionAsync(ImmutableArray<PublishedPart>.Builder parts, ReferenceExpression expression, bool isEscaped)
    {
        var format = expression.Format;
        for (var index = 0; index < format.Length;)
        {
            var brace = format.IndexOfAny(['{', '}'], index);
            if (brace < 0)
            {
                await AddAsync(parts, format[index..], isEscaped).ConfigureAwait(false);
                return;
            }

            var isDoubled = brace + 1 < format.Length && format[brace + 1] == format[brace];
            if (brace > index || isDoubled)
            {
                await AddAsync(parts, format[index..(isDoubled ? brace + 1 : brace)], isEscaped).ConfigureAwait(false);
            }

            if (isDoubled)
            {
                index = brace + 2;
                continue;
            }

            var end = format.IndexOf('}', brace);
            var number = int.Parse(format.AsSpan(brace + 1, end - brace - 1), NumberStyles.None, CultureInfo.InvariantCulture);
            await AddAsync(parts, expression.ValueProviders[number], isEscaped || IsUri(expression, number)).ConfigureAwait(false);
            index = end + 1;
        }
    }

    private static bool IsUri(ReferenceExpression expression, int number) =>
        string.Equals(expression.StringFormats[number], UriFormat, StringComparison.OrdinalIgnoreCase);
}
