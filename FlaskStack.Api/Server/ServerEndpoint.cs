using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using FlaskStack.Api.Configuration;
using FlaskStack.Api.Http;
using FlaskStack.Api.Telemetry;

namespace FlaskStack.Api.Server;

/// <summary><c>POST /server</c>: takes <c>{"data": …}</c> and answers what <see cref="ServerApi"/> returns.</summary>
/// <param name="api">The work.</param>
/// <param name="options">The settings of the service.</param>
/// <param name="metrics">Counts and times the work.</param>
internal sealed class ServerEndpoint(ServerApi api, ApiOptions options, ApiMetrics metrics)
{
    /// <summary>Passes <c>data</c> to the service's work and answers its result.</summary>
    /// <param name="context">The request.</param>
    /// <returns>A task that ends when the response is written.</returns>
    /// <exception cref="BadHttpRequestException">The request is at fault.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        metrics.Received();
        // The result may point into the request's own buffers, which are given back before anybody waits for the client.
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
    /// <param name="app">The application, whose services make the handler once instead of per request.</param>
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
