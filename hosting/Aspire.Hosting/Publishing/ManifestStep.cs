using System.Text.Json;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Publishing.Output;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the manifest that azd and other tools read.</summary>
internal static class ManifestStep
{
    public const string Name = "publish-manifest";

    private const string FileName = "aspire-manifest.json";
    private const string Extension = ".json";

    public static PipelineStep Create() => new()
    {
        Name = Name,
        Description = "Writes the application model as a manifest.",
        Action = WriteAsync,
    };

    /// <summary>An output path that ends in .json is the file itself, as azd gives it; otherwise it is a folder.</summary>
    private static async Task WriteAsync(PipelineStepContext context)
    {
        var given = context.Services.GetRequiredService<IOptions<PipelineOptions>>().Value.OutputPath;
        if (string.IsNullOrEmpty(given))
        {
            throw new DistributedApplicationException("Nothing says where the manifest goes: add --output-path FILE.json.");
        }

        var isFile = given.EndsWith(Extension, StringComparison.Ordinal);
        var path = isFile
            ? Path.GetFullPath(given)
            : Path.Join(context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory(), FileName);
        using var content = new MemoryStream();
        var writer = new Utf8JsonWriter(content, new JsonWriterOptions { Indented = true });
        await using (writer.ConfigureAwait(false))
        {
            var manifest = new ManifestPublishingContext(context.ExecutionContext, path, writer, context.CancellationToken);
            await ManifestWriter.WriteAsync(context.Model, manifest).ConfigureAwait(false);
        }

        await StagedFile.WriteAsync(path, content.ToArray(), context.CancellationToken).ConfigureAwait(false);
        if (isFile)
        {
            context.Summary.Add("Manifest", path);
        }
    }
}
