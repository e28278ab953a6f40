using System.Runtime.Versioning;
using Aspire.Hosting.Nginx.Provisioning;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Nginx.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class ProvisioningTests : IDisposable
{
    private const UnixFileMode Everyone =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("provisioning-");

    private NginxCache Cache => new(Path.Combine(_folder.FullName, "cache"));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Takes_the_binary_that_is_configured()
    {
        var path = Executable("mine/nginx");

        Assert.Equal(new NginxLocation(path), Locator().Locate(path, "Nginx:Path"));
    }

    [Fact]
    public void Says_what_is_wrong_with_the_binary_that_is_configured()
    {
        var plain = Path.Combine(_folder.FullName, "plain");
        File.WriteAllText(plain, "");

        Assert.Equal(
            $"Nginx:Path is {plain}, which cannot be executed; give the path of an nginx binary.",
            Locator().Locate(plain, "Nginx:Path").Error);
        Assert.Equal(
            $"WithNginxPath is {_folder.FullName}, which is a folder; give the path of an nginx binary.",
            Locator().Locate(_folder.FullName, "WithNginxPath").Error);
        Assert.Equal(
            "Nginx:Path is /nowhere, which does not exist; give the path of an nginx binary.",
            Locator().Locate("/nowhere", "Nginx:Path").Error);
    }

    [Fact]
    public void Looks_at_the_PATH_then_the_usual_places_then_the_cache()
    {
        var cached = Executable("cache/current/usr/sbin/nginx");
        Assert.Equal(new NginxLocation(cached, Cache.LibraryFolder), Locator().Locate(null, ""));

        var usual = Executable("usual/nginx");
        Assert.Equal(new NginxLocation(usual), Locator().Locate(null, ""));

        var onPath = Executable("bin/nginx");
        Assert.Equal(new NginxLocation(onPath), Locator().Locate(null, ""));
    }

    [Fact]
    public void Does_not_take_what_other_users_could_have_written()
    {
        var cached = Executable("cache/current/usr/sbin/nginx");
        var usual = Executable("usual/nginx");
        var onPath = Executable("bin/nginx");
        OpenToOthers(Path.GetDirectoryName(onPath)!);
        Assert.Equal(new NginxLocation(usual), Locator().Locate(null, ""));

        OpenToOthers(usual);
        Assert.Equal(new NginxLocation(cached, Cache.LibraryFolder), Locator().Locate(null, ""));

        OpenToOthers(Path.Combine(Cache.Folder, "current", "usr"));
        Assert.Equal(
            $"The nginx in {Cache.Folder} is not run: other users can write to {Cache.Folder}/current/usr. "
            + "Remove it, set XDG_CACHE_HOME to a folder of your own, or install nginx.",
            Locator().Locate(null, "").Error);

        Directory.Delete(Cache.Folder, recursive: true);
        Assert.Equal(
            $"{onPath} is not run: other users can write to {Path.GetDirectoryName(onPath)}. "
            + "Change that, or give the path of another binary with Nginx:Path.",
            Locator().Locate(null, "").Error);
        Assert.Equal(
            $"Nginx:Path is {usual}, which is not run because other users can write to {usual}; give the path of an nginx binary.",
            Locator().Locate(usual, "Nginx:Path").Error);
    }

    [Fact]
    public void Follows_links_to_see_who_could_have_written_a_program()
    {
        var real = Executable("elsewhere/nginx");
        var link = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.FullName, "bin")).FullName, "nginx");
        File.CreateSymbolicLink(link, "../elsewhere/nginx");
        Assert.Equal(new NginxLocation(link), Locator().Locate(null, ""));

        OpenToOthers(Path.GetDirectoryName(real)!);

        Assert.Contains(
            $"other users can write to {Path.GetDirectoryName(real)}.", Locator().Locate(null, "").Error, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Does_not_take_what_belongs_to_another_user()
    {
        var shared = Directory.CreateDirectory(Path.Combine(_folder.FullName, "bin"));
        _folder.UnixFileMode |= UnixFileMode.OtherExecute;
        shared.UnixFileMode = Everyone | UnixFileMode.StickyBit;
        Assert.True(await OtherUser.RunAsync(
            $"cd {shared.FullName} && echo '#!/bin/sh' >nginx && chmod 755 nginx && cp nginx apt-get && cp nginx dpkg-deb"));

        Assert.Equal(
            $"{shared.FullName}/nginx is not run: {shared.FullName}/nginx belongs to another user. "
            + "Change that, or give the path of another binary with Nginx:Path.",
            Locator().Locate(null, "").Error);
    }

    [Fact]
    public void Has_no_cache_without_a_folder_of_the_user()
    {
        Executable("bin/apt-get");
        Executable("bin/dpkg-deb");
        Assert.Null(NginxCache.OfUser(_ => null));

        Assert.Equal(
            "nginx is not installed, and there is no folder to store a downloaded one in; set HOME or XDG_CACHE_HOME, or install nginx.",
            Locator(cache: null).Locate(null, "").Error);
    }

    [Fact]
    public async Task Does_not_fetch_into_a_cache_that_others_can_write_to()
    {
        OpenToOthers(Directory.CreateDirectory(Cache.Folder).FullName);

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => new NginxFetcher(Cache, TimeProvider.System).FetchAsync(NullLogger.Instance, CancellationToken.None));

        Assert.Contains($"other users can write to {Cache.Folder}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plans_to_fetch_where_there_is_apt()
    {
        Executable("bin/apt-get");
        Executable("bin/dpkg-deb");

        Assert.Equal(new NginxLocation(Cache.Binary, Cache.LibraryFolder, MustFetch: true), Locator().Locate(null, ""));
    }

    [Fact]
    public void Says_how_to_install_it_where_it_cannot_be_fetched()
    {
        Executable("bin/apk");

        Assert.Equal(
            "nginx is not installed; install it (apk add nginx) or give the path of a binary with Nginx:Path.",
            Locator().Locate(null, "").Error);
    }

    [Theory]
    [InlineData("/var/cache/me", "/home/me", "/var/cache/me/aspire-hosting/nginx")]
    [InlineData("", "/home/me", "/home/me/.cache/aspire-hosting/nginx")]
    [InlineData("relative", "/home/me", "/home/me/.cache/aspire-hosting/nginx")]
    public void Keeps_its_cache_where_the_user_keeps_them(string xdg, string home, string expected) =>
        Assert.Equal(expected, NginxCache.OfUser(name => name == "HOME" ? home : xdg)?.Folder);

    [Fact]
    public async Task Fetches_once_when_two_want_it_at_once()
    {
        if (!File.Exists("/usr/bin/apt-get"))
        {
            Assert.NotNull(new NginxLocator(Cache, _ => "", []).Locate(null, "").Error);
            return;
        }

        await Task.WhenAll(
            new NginxFetcher(Cache, TimeProvider.System).FetchAsync(NullLogger.Instance, CancellationToken.None),
            new NginxFetcher(Cache, TimeProvider.System).FetchAsync(NullLogger.Instance, CancellationToken.None));

        Assert.True((await NginxVersion.ReadAsync(new(Cache.Binary, Cache.LibraryFolder), CancellationToken.None)).Major >= 1);
        Assert.Equal(3, Directory.GetFileSystemEntries(Cache.Folder).Length);
    }

    [Fact]
    public async Task Says_that_its_cache_cannot_be_made_and_the_mend()
    {
        File.WriteAllText(Cache.Folder, "in the way");

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => new NginxFetcher(Cache, TimeProvider.System).FetchAsync(NullLogger.Instance, CancellationToken.None));

        Assert.StartsWith($"nginx could not be stored in {Cache.Folder}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("set XDG_CACHE_HOME to another folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_a_program_is_no_nginx()
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => NginxVersion.ReadAsync(new("/bin/true"), CancellationToken.None));

        Assert.StartsWith("/bin/true is no nginx that runs here", error.Message, StringComparison.Ordinal);
    }

    private static void OpenToOthers(string path) => File.SetUnixFileMode(path, Everyone);

    private NginxLocator Locator() => Locator(Cache);

    private NginxLocator Locator(NginxCache? cache) =>
        new(cache, name => name == "PATH" ? Path.Combine(_folder.FullName, "bin") : null, [Path.Combine(_folder.FullName, "usual")]);

    private string Executable(string name)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "#!/bin/sh\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
