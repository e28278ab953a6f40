using System.Collections.Immutable;

namespace Aspire.Hosting.Publishing.Values;

/// <summary>A value as it is known when the application is published.</summary>
/// <param name="Parts">Its pieces, in order.</param>
internal sealed record PublishedValue(ImmutableArray<PublishedPart> Parts)
{
    /// <summary>The parameters in it.</summary>
    public IEnumerable<PublishedParameter> Parameters => Parts.Select(static part => part.Parameter).OfType<PublishedParameter>();

    /// <summary>The whole value, or null when a parameter is in it.</summary>
    public string? Literal => Parts.Any(static part => part.Parameter is not null) ? null : Render(static text => text, static _ => string.Empty);

    public static PublishedValue Of(string text) => new([new PublishedPart(text)]);

    /// <summary>Writes the value.</summary>
    /// <param name="text">Writes a text.</param>
    /// <param name="parameter">Writes what stands for a parameter.</param>
    public string Render(Func<string, string> text, Func<PublishedParameter, string> parameter) =>
        string.Concat(Parts.Select(part => part.Parameter is { } given ? parameter(given) : text(part.Text)));
}
