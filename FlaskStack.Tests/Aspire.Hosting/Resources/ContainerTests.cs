using System.Text;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class ContainerTests
{
    private readonly IDistributedApplicationBuilder _builder = Model.Publish();

    [Theory]
    [InlineData("nginx", "nginx:latest")]
    [InlineData("nginx:1.29", "nginx:1.29")]
    [InlineData("localhost:5000/nginx", "localhost:5000/nginx:latest")]
    [InlineData("ghcr.io/a/b@sha256:abc", "ghcr.io/a/b@sha256:abc")]
    public void An_image_is_taken_apart_and_put_together(string image, string expected)
    {
        Assert.True(_builder.AddContainer("c", image).Resource.TryGetContainerImageName(out var name));
        Assert.Equal(expected, name);
    }

    [Fact]
    public void Two_tags_are_refused() => Assert.Throws<InvalidOperationException>(() => _builder.AddContainer("c", "nginx:1", "2"));

    [Fact]
    public void A_secret_does_not_become_a_build_argument()
    {
        var secret = _builder.AddParameter("token", secret: true);
        var container = _builder.AddDockerfile("c", ".");

        Assert.Throws<InvalidOperationException>(() => container.WithBuildArg("TOKEN", secret));
    }

    [Fact]
    public async Task A_manifest_has_every_part_of_a_container()
    {
        var parameter = _builder.AddParameter("level");
        var container = _builder.AddContainer("proxy", "nginx", "1.29")
            .WithHttpEndpoint(targetPort: 8080).WithExternalHttpEndpoints()
            .WithEntrypoint("run").WithArgs("-g", "daemon off;")
            .WithEnvironment("LEVEL", parameter)
            .WithVolume("data", "/data");

        var json = await WriteAsync(context => context.WriteContainerAsync(container.Resource));

        Assert.Equal(
            /*lang=json,strict*/ """{"type":"container.v0","image":"nginx:1.29","entrypoint":"run","args":["-g","daemon off;"],"volumes":[{"name":"data","target":"/data","readOnly":false}],"env":{"LEVEL":"{level.value}"},"bindings":{"http":{"scheme":"http","protocol":"tcp","transport":"http","targetPort":8080,"external":true}}}""",
            json);
    }

    [Fact]
    public async Task An_executable_is_published_as_its_container()
    {
        var app = _builder.AddExecutable("app", "node", "web", "server.js").PublishAsDockerFile(container => container.WithArgs("start"));

        Assert.DoesNotContain(app.Resource, _builder.Resources);
        var published = Assert.IsAssignableFrom<ContainerResource>(Assert.Single(_builder.Resources, resource => resource.Name == "app"));
        var json = await WriteAsync(context => context.WriteContainerAsync(published));
        Assert.Contains("\"type\":\"container.v1\"", json, StringComparison.Ordinal);
        Assert.Contains("\"args\":[\"start\"]", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_are_written_relative_to_the_manifest()
    {
        using var writer = new Utf8JsonWriter(Stream.Null);
        var context = new ManifestPublishingContext(_builder.ExecutionContext, Path.Combine(Path.GetTempPath(), "out", "manifest.json"), writer);

        Assert.Equal("../api/Api.csproj", context.GetManifestRelativePath(Path.Combine(Path.GetTempPath(), "api", "Api.csproj")));
        Assert.Null(context.GetManifestRelativePath(null));
    }

    private async Task<string> WriteAsync(Func<ManifestPublishingContext, Task> write)
    {
        using var stream = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            await write(new ManifestPublishingContext(_builder.ExecutionContext, Path.Combine(Path.GetTempPath(), "manifest.json"), writer));
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
