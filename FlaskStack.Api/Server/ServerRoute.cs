using FlaskStack.Api.Http;

namespace FlaskStack.Api.Server;

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
