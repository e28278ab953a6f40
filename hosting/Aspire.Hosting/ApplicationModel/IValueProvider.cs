namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something whose text is known only while the application runs.</summary>
public interface IValueProvider
{
    /// <summary>Gets the value, waiting until it is known.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value; <see langword="null"/> when there is none.</returns>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the value as the given consumer sees it, waiting until it is known.</summary>
    /// <param name="context">Who asks, and from where.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value; <see langword="null"/> when there is none.</returns>
    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) => GetValueAsync(cancellationToken);
}
