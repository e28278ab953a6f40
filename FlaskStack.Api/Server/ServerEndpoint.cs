using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FlaskStack.Api.Configuration;
using FlaskStack.Api.Http;
using FlaskStack.Api.Telemetry;

namespace FlaskStack.Api.Server;

/// <summary><c>POST /server</c>: takes <c>{"data": …}</c> and answers what <see cref="ServerApi"/> returns.</summary>
internal sealed class ServerEndpoint(ServerApi api, ApiOptions options, ApiMetrics metrics)
{
    /// <summary>Passes <c>data</c> to the service's work and answers its result.</summary>
    /// <exception cref="BadHttpRequestException">The request is at fault.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        metrics.Received();
        // The result may point into the request's buffers, which are returned before the response is flushed to the client.
        using (var body = await JsonBodyReader.ReadAsync(context, options.MaxBodyBytes).ConfigureAwait(false))
        {
            ResultResponse.Write(context.Response, await WorkAsync(Data(body.Root), context.RequestAborted).ConfigureAwait(false));
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private async ValueTask<object?> WorkAsync(JsonElement data, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var result = await api.HandleAsync(data, cancellationToken).ConfigureAwait(false);
            metrics.Worked(Stopwatch.GetElapsedTime(started));
            return result;
        }
        catch (Exception exception)
        {
            metrics.Failed(Stopwatch.GetElapsedTime(started), exception);
            throw;
        }
    }

    private static JsonElement Data(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new BadHttpRequestException($"The body is {Name(root.ValueKind)}; send a JSON object with the property 'data'.");
        }

        return root.TryGetProperty("data"u8, out var data)
            ? data
            : throw new BadHttpRequestException("The JSON object has no property 'data'; send {\"data\": …}.");
    }

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "a JSON array",
        JsonValueKind.String => "a JSON string",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };
}

/// <summary>Maps <c>POST /server</c>.</summary>
internal static class ServerRoute
{
    /// <summary>Maps the route.</summary>
    /// <param name="app">The application; its services create the handler once instead of per request.</param>
    public static void MapServer(this WebApplication app)
    {
        RequestDelegate handler = app.Services.GetRequiredService<ServerEndpoint>().HandleAsync;
        var route = app.MapPost("/server", handler)
            .WithMetadata(handler.Method)
            .WithMetadata(new RequestBodyMetadata(typeof(ServerRequest)))
            .WithDescription("A string comes back as text/plain, anything else as JSON.")
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/plain", "application/json"]));
        foreach (var status in (ReadOnlySpan<int>)[400, 413, 415, 500])
        {
            route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [ProblemResponse.ContentType]));
        }
    }
}

/// <summary>The body of <c>POST /server</c>, as the API document describes it.</summary>
/// <param name="Data">Any JSON value, null included.</param>
internal sealed record ServerRequest([property: Description("Any JSON value, null included.")] JsonElement Data);

/// <summary>Writes what <see cref="ServerApi"/> returned: a string as plain text (never as HTML), anything else as JSON.</summary>
internal static class ResultResponse
{
    private const string Json = "application/json; charset=utf-8";
    private const string Text = "text/plain; charset=utf-8";

    /// <summary>Puts the result into the response, which is still to be flushed.</summary>
    /// <param name="response">The response.</param>
    /// <param name="result">The result; not used any more when this returns.</param>
    /// <exception cref="InvalidOperationException">The type of the result is not listed in <see cref="ApiJsonContext"/>.</exception>
    public static void Write(HttpResponse response, object? result)
    {
        switch (result)
        {
            case string text:
                WriteText(response, text);
                break;
            case JsonElement element:
                WriteElement(response, element);
                break;
            case JsonDocument document:
                WriteElement(response, document.RootElement);
                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                WriteText(response, text);
                break;
            case JsonNode node:
                Write(response, Json, JsonSerializer.SerializeToUtf8Bytes(node, ApiJsonContext.Plain.JsonNode));
                break;
            case null:
                Write(response, Json, "null"u8);
                break;
            default:
                Write(response, Json, Serialize(result));
                break;
        }
    }

    private static void WriteElement(HttpResponse response, JsonElement element)
    {
        var json = JsonMarshal.GetRawUtf8Value(element);
        if (element.ValueKind == JsonValueKind.String)
        {
            WriteJsonString(response, json);
        }
        else
        {
            Write(response, Json, json);
        }
    }

    // A long text as a string would go to the large object heap, whose collections pause all requests for longest.
    private static void WriteJsonString(HttpResponse response, ReadOnlySpan<byte> quoted)
    {
        var text = quoted[1..^1];
        if (!text.Contains((byte)'\\'))
        {
            Write(response, Text, text);
            return;
        }

        var scratch = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var reader = new Utf8JsonReader(quoted);
            reader.Read();
            Write(response, Text, scratch.AsSpan(0, reader.CopyString(scratch)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private static void WriteText(HttpResponse response, string text)
    {
        response.ContentType = Text;
        response.ContentLength = Encoding.UTF8.GetByteCount(text);
        Encoding.UTF8.GetBytes(text.AsSpan(), response.BodyWriter);
    }

    private static void Write(HttpResponse response, string contentType, ReadOnlySpan<byte> content)
    {
        response.ContentType = contentType;
        response.ContentLength = content.Length;
        response.BodyWriter.Write(content);
    }

    private static byte[] Serialize(object result)
    {
        var type = result.GetType();
        return ApiJsonContext.Plain.GetTypeInfo(type) is { } typeInfo
            ? JsonSerializer.SerializeToUtf8Bytes(result, typeInfo)
            : throw new InvalidOperationException(
                $"ServerApi returned a {type}, which has no JSON serializer: "
                + $"add [JsonSerializable(typeof({type.Name}))] to ApiJsonContext.");
    }
}
