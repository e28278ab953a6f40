using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.Resources;

public sealed class UrlTests
{
    private readonly IDistributedApplicationBuilder _builder = Model.Create();

    [Fact]
    public async Task A_relative_url_goes_behind_every_other()
    {
        var urls = await Evaluate(App().WithUrl("/docs", "Docs"), new ResourceUrlAnnotation { Url = "http://localhost:5000" });

        Assert.Equal(("http://localhost:5000/docs", "Docs"), (Assert.Single(urls).Url, urls[0].DisplayText));
    }

    [Fact]
    public async Task The_url_of_an_endpoint_is_found_in_any_letter_case()
    {
        var app = App().WithUrlForEndpoint("HTTP", url => url.DisplayText = "Home");

        var urls = await Evaluate(app, new ResourceUrlAnnotation { Url = "http://localhost:5000", Endpoint = app.GetEndpoint("http") });

        Assert.Equal("Home", Assert.Single(urls).DisplayText);
    }

    [Fact]
    public async Task One_more_url_belongs_to_its_endpoint()
    {
        var app = App().WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/admin", DisplayLocation = UrlDisplayLocation.DetailsOnly });

        var url = Assert.Single(await Evaluate(app));

        Assert.Equal(("http", "/admin", UrlDisplayLocation.DetailsOnly), (url.Endpoint?.EndpointName, url.Url, url.DisplayLocation));
    }

    [Fact]
    public async Task An_expression_becomes_a_url()
    {
        var app = App();
        Model.Allocate(app, "http", 5000);
        app.WithUrl($"{app.GetEndpoint("http")}/v1");

        Assert.Equal("http://localhost:5000/v1", Assert.Single(await Evaluate(app)).Url);
    }

    private async Task<List<ResourceUrlAnnotation>> Evaluate(IResourceBuilder<IResource> builder, params ResourceUrlAnnotation[] urls)
    {
        var context = new ResourceUrlsCallbackContext(_builder.ExecutionContext, builder.Resource, [.. urls]);
        foreach (var callback in builder.Resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
        {
            await callback.Callback(context);
        }

        return context.Urls;
    }

    private IResourceBuilder<ExecutableResource> App() => _builder.AddExecutable("app", "true", ".").WithHttpEndpoint();
}
