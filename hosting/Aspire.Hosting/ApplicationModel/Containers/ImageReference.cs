namespace Aspire.Hosting.ApplicationModel;

/// <summary>The parts of an image's name, as in <c>ghcr.io/nginx/nginx:1.29</c>.</summary>
/// <param name="Image">The name with its registry, if that was written.</param>
/// <param name="Tag">The tag, or null.</param>
/// <param name="Digest">The SHA-256 digest in hexadecimal, or null.</param>
internal sealed record ImageReference(string Image, string? Tag, string? Digest)
{
    /// <summary>Takes a name apart.</summary>
    /// <exception cref="ArgumentException">The name is empty, or its digest is of another kind than sha256.</exception>
    public static ImageReference Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);

        const string Kind = "sha256:";
        string? digest = null;
        if (text.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
        {
            digest = text[(at + 1)..].StartsWith(Kind, StringComparison.Ordinal)
                ? text[(at + 1 + Kind.Length)..]
                : throw new ArgumentException($"Image '{text}': write the digest as @{Kind} and 64 hexadecimal digits.", nameof(text));
            text = text[..at];
        }

        // A colon before the last slash belongs to the registry's port.
        var colon = text.LastIndexOf(':');
        return colon > text.LastIndexOf('/')
            ? new ImageReference(text[..colon], text[(colon + 1)..], digest)
            : new ImageReference(text, Tag: null, digest);
    }
}
