namespace FlaskStack.Api.Http;

/// <summary><c>GET /</c>: shows that the stack works from the proxy to here.</summary>
internal static class HelloEndpoint
{
    private static readonly ReadOnlyMemory<byte> Greeting = "Hello World!"u8.ToArray();

    /// <summary>Maps the route.</summary>
    public static void MapHello(this IEndpointRouteBuilder endpoints)
    {
        RequestDelegate handler = HandleAsync;
        endpoints.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], handler)
            .WithMetadata(handler.Method)
            .WithSummary("Greets.")
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/plain"]));
    }

    private static async Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = Greeting.Length;
        await response.BodyWriter.WriteAsync(Greeting, context.RequestAborted).ConfigureAwait(false);
    }
}
