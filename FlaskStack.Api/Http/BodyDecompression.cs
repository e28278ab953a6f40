namespace FlaskStack.Api.Http;

/// <summary>
/// Decompresses request bodies (<c>Content-Encoding</c>: gzip, deflate or br) while they are read. The limit for bodies holds for what
/// comes out, so a small body cannot grow large.
/// </summary>
internal static class BodyDecompression
{
    private const string Accepted = "gzip, deflate, br";

    /// <summary>Decompresses for the endpoints that follow.</summary>
    public static void UseBodyDecompression(this IApplicationBuilder app)
    {
        app.Use(static (context, next) =>
        {
            if (context.Request.Headers.ContentEncoding is { Count: > 0 } encoding)
            {
                context.Features.Set(new ContentEncoding(encoding.ToString()));
            }

            return next(context);
        });
        app.UseRequestDecompression();
    }

    /// <summary>The encoding that the client used.</summary>
    /// <returns>Its name, or <see langword="null"/> for a plain body.</returns>
    /// <exception cref="BadHttpRequestException">It is none that is decompressed (415).</exception>
    public static string? EncodingOf(HttpContext context)
    {
        if (context.Features.Get<ContentEncoding>() is not { } encoding || encoding.Name is "identity" or "")
        {
            return null;
        }

        // The middleware removes the header where it decompresses.
        if (context.Request.Headers.ContentEncoding.Count == 0)
        {
            return encoding.Name;
        }

        context.Response.Headers.AcceptEncoding = Accepted;
        throw new BadHttpRequestException(
            $"The Content-Encoding '{encoding.Name}' is not served; send {Accepted} or none.", StatusCodes.Status415UnsupportedMediaType);
    }

    private sealed record ContentEncoding(string Name);
}
