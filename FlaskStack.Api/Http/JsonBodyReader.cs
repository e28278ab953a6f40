using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace FlaskStack.Api.Http;

/// <summary>Reads a JSON request body up to a limit.</summary>
internal static class JsonBodyReader
{
    /// <summary>Reads the whole body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">The most bytes the body may have.</param>
    /// <returns>The parsed body, to be disposed after the response is written.</returns>
    /// <exception cref="BadHttpRequestException">The body is of another type (415), too large (413), empty or not JSON (400).</exception>
    public static async ValueTask<JsonBody> ReadAsync(HttpContext context, long maxBytes)
    {
        CheckType(context);
        // The limit is kept here and not by the server: the server answers an oversized body by closing the connection under a
        // client that still sends, who then sees a reset instead of the answer. Without the server's limit it reads on for a while.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        CheckLength(context.Request.ContentLength ?? 0, maxBytes);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            var length = result.Buffer.Length;
            if (length > maxBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                CheckLength(length, maxBytes);
            }

            if (result.IsCompleted)
            {
                return JsonBody.Parse(reader, result.Buffer);
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static void CheckType(HttpContext context)
    {
        var contentType = context.Request.ContentType;
        // What nearly every client sends needs no parsing.
        if (contentType is "application/json")
        {
            return;
        }

        if (context.Request.HasJsonContentType()
            && (!MediaTypeHeaderValue.TryParse(contentType, out var mediaType) || IsUnicode(mediaType)))
        {
            return;
        }

        context.Response.Headers.Accept = "application/json";
        throw new BadHttpRequestException(
            string.IsNullOrEmpty(contentType)
                ? "The request has no Content-Type; send application/json."
                : $"The Content-Type '{contentType}' is not served; send application/json in UTF-8.",
            StatusCodes.Status415UnsupportedMediaType);
    }

    private static bool IsUnicode(MediaTypeHeaderValue mediaType) =>
        mediaType.Charset.Length == 0
        || mediaType.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
        || mediaType.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)
        || mediaType.Charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    private static void CheckLength(long length, long maxBytes)
    {
        if (length > maxBytes)
        {
            throw new BadHttpRequestException($"The body is larger than {maxBytes} bytes (Api:MaxBodyBytes).", StatusCodes.Status413PayloadTooLarge);
        }
    }
}
