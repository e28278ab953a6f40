namespace Aspire.Hosting.Publishing.Values;

/// <summary>A value that whoever deploys gives.</summary>
/// <param name="Name">The name of the parameter.</param>
/// <param name="IsSecret">Whether it is kept out of every file but the one made for secrets.</param>
/// <param name="IsEscaped">Whether it is wanted as part of a URL, with what has a meaning there escaped.</param>
internal sealed record PublishedParameter(string Name, bool IsSecret, bool IsEscaped)
{
    /// <summary>What it is called among those of the application; the form for URLs is a value of its own.</summary>
    public string Key => IsEscaped ? $"{Name}-uri" : Name;
}
