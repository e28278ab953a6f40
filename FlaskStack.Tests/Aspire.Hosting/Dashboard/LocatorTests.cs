using System.Runtime.Versioning;
using Aspire.Hosting.Dashboard.Provisioning;
using Aspire.Hosting.Dashboard.Settings;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Hosting.Dashboard;

[UnsupportedOSPlatform("windows")]
public sealed class LocatorTests : IDisposable
{
    private static readonly DashboardPackage Package = new("linux-x64", "13.5.4");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Looks_in_the_order_of_who_knows_best()
    {
        string[] places =
        [
            Place("given/aspire-managed"),
            Place("cli/managed/aspire-managed"),
            Place("terminal/aspire-managed"),
            Place("home/.aspire/bundle/managed/aspire-managed"),
            Place("home/.aspire/versions/13.10.0_abc-def/managed/aspire-managed"),
            Place("home/.aspire/versions/13.9.1_abc-def/managed/aspire-managed"),
            Place("cache/13.5.4-linux-x64/aspire-managed"),
        ];
        var settings = Samples.Settings with { Path = ("Dashboard:Path", "given/aspire-managed"), CliBundlePath = _folder["cli"], CliExecutable = _folder["terminal/aspire-managed"] };

        Assert.Equal(places[0], Find(settings).Program?.FileName);
        foreach (var place in places[1..])
        {
            Assert.Equal(place, Find(settings with { Path = null }).Program?.FileName);
            File.Delete(place);
        }

        Assert.Equal(new DashboardSearch(), Find(settings with { Path = null }));
    }

    [Theory]
    [InlineData("missing", "does not exist")]
    [InlineData("folder", "is a folder")]
    [InlineData("plain", "cannot be executed")]
    public void A_path_that_is_wrong_is_named_and_nothing_else_is_taken_instead(string path, string problem)
    {
        Directory.CreateDirectory(_folder["folder"]);
        _folder.WriteFile("plain", "");
        Place("cache/13.5.4-linux-x64/aspire-managed");

        var search = Find(Samples.Settings with { Path = ("Dashboard:Path", path) });

        Assert.Null(search.Program);
        Assert.Contains($"Dashboard:Path is '{path}', which {problem}", search.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_the_CLI_says_may_be_wrong()
    {
        var cached = Place("cache/13.5.4-linux-x64/aspire-managed");

        var search = Find(Samples.Settings with { CliBundlePath = _folder["gone"], CliExecutable = _folder["gone/aspire-managed"] });

        Assert.Equal(cached, search.Program?.FileName);
    }

    [Fact]
    public void Each_kind_of_file_is_started_in_its_own_way()
    {
        Assert.Equal(["dashboard"], DashboardProgram.For("/bundle/aspire-managed").Arguments);
        Assert.Empty(DashboardProgram.For("/dashboard/Aspire.Dashboard").Arguments);
        var assembly = DashboardProgram.For("/dashboard/Aspire.Dashboard.dll");
        Assert.Equal(["/dashboard/Aspire.Dashboard.dll"], assembly.Arguments);
        Assert.EndsWith("dotnet", assembly.FileName, StringComparison.Ordinal);
        Assert.Equal("/dashboard", assembly.Folder);
    }

    private DashboardSearch Find(DashboardSettings settings) =>
        new DashboardLocator(settings, _folder.Path, _folder["home"], new DashboardCache(_folder["cache"]), Package).Find();

    private string Place(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        _folder.WriteFile(path, "");
        File.SetUnixFileMode(_folder[path], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return _folder[path];
    }
}
