namespace Aspire.Hosting.Publishing.Values;

/// <summary>A piece of a value: a text, or a parameter.</summary>
/// <param name="Text">The text; empty for a parameter.</param>
/// <param name="Parameter">The parameter, or null for a text.</param>
internal readonly record struct PublishedPart(string Text, PublishedParameter? Parameter = null);
