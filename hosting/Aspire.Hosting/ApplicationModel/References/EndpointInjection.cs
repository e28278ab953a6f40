namespace Aspire.Hosting.ApplicationModel;

/// <summary>Writes the endpoints of one resource into the environment of another.</summary>
internal static class EndpointInjection
{
    /// <summary>
    /// Sets <c>{NAME}_{ENDPOINT}</c> and <c>services__{name}__{key}__{index}</c> for every endpoint that is referred to.
    /// The key is the scheme for endpoints named http and https, else the endpoint's name, as service discovery reads it.
    /// </summary>
    public static async Task InjectAsync(EndpointReferenceAnnotation references, EnvironmentCallbackContext context)
    {
        foreach (var endpoint in references.Resource.GetEndpoints().Where(references.Uses))
        {
            if (context.Resource.Injects(ReferenceEnvironmentInjectionFlags.Endpoints))
            {
                context.EnvironmentVariables[VariableOf(references, endpoint)] = endpoint;
            }

            if (context.Resource.Injects(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
            {
                var service = references.ServiceName ?? references.Resource.Name;
                var key = endpoint.IsHttpSchemeNamedEndpoint ? endpoint.Scheme : endpoint.EndpointName;
                await AddServiceAsync($"services__{service}__{key}", endpoint, context).ConfigureAwait(false);
            }
        }
    }

    private static string VariableOf(EndpointReferenceAnnotation references, EndpointReference endpoint)
    {
        // A name that the author gave keeps its letter case, as in Aspire.
        var service = references.ServiceName is { } given
            ? EnvironmentVariableName.From(given)
            : EnvironmentVariableName.From(references.Resource.Name).ToUpperInvariant();
        return $"{service}_{EnvironmentVariableName.From(endpoint.EndpointName).ToUpperInvariant()}";
    }

    private static async Task AddServiceAsync(string prefix, EndpointReference endpoint, EnvironmentCallbackContext context)
    {
        var variables = context.EnvironmentVariables;
        var index = 0;
        foreach (var address in await AddressesAsync(endpoint, context).ConfigureAwait(false))
        {
            while (!variables.TryAdd($"{prefix}__{index}", address))
            {
                index++;
            }
        }
    }

    // No proxy stands before replicas here, so each of them is an address of its own.
    private static async Task<IEnumerable<object>> AddressesAsync(EndpointReference endpoint, EnvironmentCallbackContext context)
    {
        if (context.ExecutionContext.IsPublishMode || !endpoint.Resource.HasAnnotationOfType<ReplicaAnnotation>())
        {
            return [endpoint];
        }

        await endpoint.EndpointAnnotation.DefaultSnapshot.GetValueAsync(context.CancellationToken).ConfigureAwait(false);
        var replicas = endpoint.EndpointAnnotation.ReplicaEndpoints;
        return replicas.Count == 0 ? [endpoint] : replicas.Select(static replica => replica.UriString);
    }
}
