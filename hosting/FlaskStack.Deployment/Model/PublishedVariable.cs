namespace Aspire.Hosting.Publishing.Values;

/// <summary>An environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record PublishedVariable(string Name, PublishedValue Value);
