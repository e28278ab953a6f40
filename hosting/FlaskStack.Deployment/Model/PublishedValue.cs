using System.Collections.Immutable;

namespace FlaskStack.Deployment.Model;

/// <summary>A value as it is known when the application is published.</summary>
/// <param name="Parts">Its pieces, in order.</param>
internal sealed record PublishedValue(ImmutableArray<PublishedPart> Parts)
{
    /// <summary>The parameters in it.</summary>
    public IEnumerable<PublishedParameter> Parameters => Parts.Select(static part => part.Parameter).OfType<PublishedParameter>();

    /// <summary>The whole value, or null when a parameter is in it.</summary>
    public string? Literal =>
        Parts.Any(static part => part.Parameter is not null) ? null : Render(static text => text, static _ => string.Empty);

    public static PublishedValue Of(string text) => new([new PublishedPart(text)]);

    /// <summary>Writes the value.</summary>
    /// <param name="text">Writes a text.</param>
    /// <param name="parameter">Writes what stands for a parameter.</param>
    public string Render(Func<string, string> text, Func<PublishedParameter, string> parameter) =>
        string.Concat(Parts.Select(part => part.Parameter is { } given ? parameter(given) : text(part.Text)));
}

/// <summary>A piece of a value: a text, or a parameter.</summary>
/// <param name="Text">The text; empty for a parameter.</param>
/// <param name="Parameter">The parameter, or null for a text.</param>
internal readonly record struct PublishedPart(string Text, PublishedParameter? Parameter = null);

/// <summary>A value that whoever deploys gives.</summary>
/// <param name="Name">The name of the parameter.</param>
/// <param name="IsSecret">Whether it is kept out of every file but the one made for secrets.</param>
/// <param name="IsEscaped">Whether it is wanted as part of a URL, with what has a meaning there escaped.</param>
/// <param name="Description">What it is, for people.</param>
internal sealed record PublishedParameter(string Name, bool IsSecret, bool IsEscaped, string? Description)
{
    /// <summary>What it is called among those of the application; the form for URLs is a value of its own.</summary>
    public string Key => IsEscaped ? $"{Name}-uri" : Name;

    /// <summary>An environment variable named after it.</summary>
    public string Variable => Model.Variable.NameFrom(Key);
}

/// <summary>An environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal sealed record Variable(string Name, PublishedValue Value)
{
    /// <summary>Capital letters, digits and underscores.</summary>
    public static string NameFrom(string name) =>
        string.Concat(name.Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToUpperInvariant(character) : '_'));
}
