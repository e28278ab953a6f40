using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>Writes values of the model as Compose reads them: secrets become placeholders, and dollar signs stay what they are.</summary>
internal sealed class ComposeValues(ComposeEndpoints endpoints, SecretsFile secrets, CancellationToken cancellationToken)
{
    /// <exception cref="DistributedApplicationException">The value cannot be written into a Compose file.</exception>
    public async Task<string?> TextOfAsync(object? value) => value switch
    {
        null => null,
        string text => Escape(text),
        bool flag => flag ? "true" : "false",
        EndpointReference endpoint => TextOf(endpoint.Property(EndpointProperty.Url)),
        EndpointReferenceExpression part => TextOf(part),
        ParameterResource parameter => await TextOfAsync(parameter).ConfigureAwait(false),
        ConnectionStringReference connection => await TextOfAsync(connection.Resource).ConfigureAwait(false),
        IResourceWithConnectionString connection => await TextOfAsync(connection.ConnectionStringExpression).ConfigureAwait(false),
        ReferenceExpression expression => await TextOfAsync(expression).ConfigureAwait(false),
        IResourceBuilder<IResource> builder => await TextOfAsync(builder.Resource).ConfigureAwait(false),
        IValueProvider provider => await TextOfAsync(await provider.GetValueAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false),
        IFormattable formattable => Escape(formattable.ToString(format: null, CultureInfo.InvariantCulture)),
        _ => throw new DistributedApplicationException($"A {value.GetType().Name} cannot be written into a Compose file."),
    };

    private static string Escape(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private string TextOf(EndpointReferenceExpression part)
    {
        var endpoint = part.Endpoint;
        var annotation = endpoint.EndpointAnnotation;
        var host = DockerComposeEnvironmentResource.ServiceNameOf(endpoint.Resource);
        var port = endpoints.PortOf(endpoint).ToString(CultureInfo.InvariantCulture);
        var scheme = annotation.IsDefaultHttps ? "http" : annotation.UriScheme;
        return part.Property switch
        {
            EndpointProperty.Url => $"{scheme}://{host}:{port}",
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.Port or EndpointProperty.TargetPort => port,
            EndpointProperty.HostAndPort => $"{host}:{port}",
            EndpointProperty.Scheme => scheme,
            EndpointProperty.TlsEnabled => annotation.TlsEnabled ? bool.TrueString : bool.FalseString,
            var other => throw new DistributedApplicationException($"Endpoint '{annotation.Name}' of '{endpoint.Resource.Name}' has no property '{other}'."),
        };
    }

    private async Task<string> TextOfAsync(ParameterResource parameter)
    {
        var variable = EnvironmentVariableName.From(parameter.Name).ToUpperInvariant();
        if (parameter.Secret)
        {
            return secrets.Add(variable, parameter.Description);
        }

        try
        {
            return Escape(await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? string.Empty);
        }
        catch (MissingParameterValueException)
        {
            return $"${{{variable}:?Set {variable}}}";
        }
    }

    private async Task<string> TextOfAsync(ReferenceExpression expression)
    {
        var values = new object?[expression.ValueProviders.Count];
        for (var index = 0; index < values.Length; index++)
        {
            var value = await TextOfAsync(expression.ValueProviders[index]).ConfigureAwait(false);
            var format = expression.StringFormats[index];
            values[index] = !string.IsNullOrEmpty(format) && value?.StartsWith("${", StringComparison.Ordinal) == true
                ? throw new DistributedApplicationException($"'{expression.ValueExpression}' needs the value of a parameter in the format '{format}', and a Compose file cannot change what it is given. Make the whole a parameter.")
                : ExpressionText.Apply(value ?? string.Empty, format);
        }

        // The text between the values is the author's, and its dollar signs too.
        return string.Format(CultureInfo.InvariantCulture, Escape(expression.Format), values);
    }
}
