using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FlaskStack.Api.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FlaskStack.Api.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, made when it is first asked for.</summary>
internal static class ApiDocument
{
    /// <summary>Registers the services of the document.</summary>
    public static void AddApiDocument(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default);
            // Numbers are numbers: the web default would describe each as "integer or string".
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer((document, _, _) => Tidy(document));
            options.AddOperationTransformer(DescribeAsync);
        });
    }

    /// <summary>Maps the document.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder endpoints) => endpoints.MapOpenApi();

    private static Task Tidy(OpenApiDocument document)
    {
        document.Info.Title = "FlaskStack.Api";
        document.Tags?.Clear();
        foreach (var path in document.Paths.Values)
        {
            // HEAD comes with every GET.
            path.Operations?.Remove(HttpMethod.Head);
        }

        return Task.CompletedTask;
    }

    private static async Task DescribeAsync(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken)
    {
        operation.Tags?.Clear();
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RequestBodyMetadata>().LastOrDefault() is not { } body)
        {
            return;
        }

        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken).ConfigureAwait(false),
                    Example = new JsonObject { ["data"] = "hello" },
                },
            },
        };
        // Any JSON value may come back; only the text form is a string.
        if (operation.Responses?["200"].Content is { } content && content.TryGetValue("application/json", out var json))
        {
            json.Schema = new OpenApiSchema();
        }
    }
}
