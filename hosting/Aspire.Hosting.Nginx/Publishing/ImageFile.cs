namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>A file of a published nginx.</summary>
/// <param name="Path">Where it is below <c>/etc/nginx</c> of the container, with forward slashes.</param>
/// <param name="Content">What is in it.</param>
internal sealed record ImageFile(string Path, ReadOnlyMemory<byte> Content);
