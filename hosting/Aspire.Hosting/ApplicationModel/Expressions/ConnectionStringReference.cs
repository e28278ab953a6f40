namespace Aspire.Hosting.ApplicationModel;

/// <summary>The connection string of a resource, as a value that may or may not be left out.</summary>
/// <param name="resource">The resource that has the connection string.</param>
/// <param name="optional">Whether a missing value is acceptable.</param>
public class ConnectionStringReference(IResourceWithConnectionString resource, bool optional) : IExpressionValue, IValueWithReferences
{
    /// <summary>The resource that has the connection string.</summary>
    public IResourceWithConnectionString Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));

    /// <summary>Whether a missing value is acceptable.</summary>
    public bool Optional { get; } = optional;

    string IManifestExpressionProvider.ValueExpression => Resource.ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [Resource];

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) =>
        ((IValueProvider)this).GetValueAsync(new ValueProviderContext(), cancellationToken);

    async ValueTask<string?> IValueProvider.GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        var value = await ReadAsync(context, cancellationToken).ConfigureAwait(false);
        if (!string.IsNullOrEmpty(value))
        {
            return value;
        }

        return Optional
            ? null
            : throw new DistributedApplicationException(
                $"The connection string of resource '{Resource.Name}' is empty: set ConnectionStrings:{Resource.Name}, or make the reference optional.");
    }

    private async ValueTask<string?> ReadAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await Resource.GetValueAsync(context, cancellationToken).ConfigureAwait(false);
        }
        catch (MissingParameterValueException) when (Optional)
        {
            return null;
        }
    }
}
