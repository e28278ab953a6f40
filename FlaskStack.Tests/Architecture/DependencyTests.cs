using System.Xml.Linq;

namespace FlaskStack.Tests.Architecture;

/// <summary>Dependencies run one way: between projects, and between the folders of a project.</summary>
public sealed class DependencyTests
{
    private const string Nginx = "hosting/Aspire.Hosting.Nginx";
    private const string Supervisor = "hosting/Aspire.Hosting.Supervisor";
    private const string Gunicorn = "hosting/Aspire.Hosting.Gunicorn";
    private const string Deployment = "hosting/FlaskStack.Deployment";

    /// <summary>The circles that there are today. This list only gets shorter.</summary>
    private static readonly Dictionary<string, string[]> KnownCircles = new()
    {
        [Nginx] = [],
        [Supervisor] = [],
        [Gunicorn] = [],
        [Deployment] = [],
    };

    /// <summary>Which folder of nginx may use which others. The extensions may use all.</summary>
    private static readonly Dictionary<string, string[]> NginxArrows = new()
    {
        ["Processes"] = ["Rendering", "Provisioning", "Telemetry", "Configuration", SourceFile.Root],
        ["Publishing"] = ["Rendering", "Configuration", SourceFile.Root],
        ["Rendering"] = ["Configuration", SourceFile.Root],
        ["Provisioning"] = ["Configuration", SourceFile.Root],
        ["Telemetry"] = ["Configuration", SourceFile.Root],
        ["Configuration"] = [SourceFile.Root],
        [SourceFile.Root] = [],
    };

    /// <summary>Those that there are all the same. This list only gets shorter.</summary>
    private static readonly string[] KnownWrongNginxArrows = [];

    private static readonly string Repository = Path.GetFullPath(Path.Join(Projects.FlaskStack_AppHost.ProjectPath, ".."));

    [Theory]
    [InlineData("FlaskStack.AppHost", "FlaskStack.Api", "FlaskStack.Deployment")]
    [InlineData(Deployment, "Aspire.Hosting.Gunicorn", "Aspire.Hosting.Nginx", "Aspire.Hosting.Supervisor")]
    [InlineData(Nginx)]
    [InlineData(Supervisor)]
    [InlineData(Gunicorn)]
    [InlineData("FlaskStack.Api", "FlaskStack.ServiceDefaults")]
    [InlineData("FlaskStack.ServiceDefaults")]
    public void A_project_refers_to_those_below_it_alone(string project, params string[] below) =>
        Assert.Equal(below, Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)).Order());

    [Theory]
    [InlineData(Nginx, "Aspire.Hosting.Nginx.Tests")]
    [InlineData(Supervisor, "Aspire.Hosting.Supervisor.Tests")]
    [InlineData(Gunicorn, "Aspire.Hosting.Gunicorn.Tests")]
    [InlineData(Deployment, "FlaskStack.Deployment.Tests")]
    public void A_package_shows_its_internals_to_its_tests_alone(string project, params string[] friends) =>
        Assert.Equal(friends, Items(project, "InternalsVisibleTo").Order());

    [Theory]
    [InlineData(Nginx)]
    [InlineData(Supervisor)]
    [InlineData(Gunicorn)]
    [InlineData(Deployment)]
    public void The_folders_of_a_package_form_no_circle(string project) => AssertKnown(
        KnownCircles[project],
        Graph(project).Circles.ToDictionary(circle => circle.Folders, circle => string.Join("\n  ", circle.Arrows.Select(Explain))));

    [Fact]
    public void The_folders_of_nginx_use_those_below_them_alone() => AssertKnown(
        KnownWrongNginxArrows,
        Graph(Nginx).Arrows.Where(arrow => TopOf(arrow.From) != SourceFile.Extensions
            && TopOf(arrow.From) != TopOf(arrow.To)
            && !NginxArrows[TopOf(arrow.From)].Contains(TopOf(arrow.To)))
            .ToDictionary(arrow => arrow.ToString(), Explain));

    private static FolderGraph Graph(string project)
    {
        var graph = FolderGraph.Read(Path.Join(Repository, project));
        Assert.NotEmpty(graph.Arrows);
        return graph;
    }

    private static string TopOf(string folder) => folder.Split('/')[0];

    private static IEnumerable<string> Items(string project, string item) =>
        XDocument.Load(Path.Join(Repository, project, $"{Path.GetFileName(project)}.csproj"))
            .Descendants(item).Select(element => (string)element.Attribute("Include")!);

    private static string Explain(FolderGraph.Arrow arrow) => $"{arrow}: {string.Join("; ", arrow.Uses)}";

    private static void AssertKnown(string[] known, Dictionary<string, string> found)
    {
        var added = found.Where(one => !known.Contains(one.Key)).Select(one => one.Value).ToArray();
        Assert.True(added is [], $"Folders use what they must not:\n  {string.Join("\n  ", added)}");
        var gone = known.Except(found.Keys).ToArray();
        Assert.True(gone is [], $"No longer so; take them off the list:\n  {string.Join("\n  ", gone)}");
    }
}
