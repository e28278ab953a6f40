using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace FlaskStack.Deployment.Tests.Systemd;

/// <summary>
/// A server in a folder: the published scripts run in a real shell with its paths below that folder, and with stand-ins for what needs
/// systemd, nginx or root. The stand-in for systemctl writes down its calls, and has replicas fail by the release that they start.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class Server : IDisposable
{
    private const UnixFileMode Program =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public Server()
    {
        foreach (var folder in new[] { "bin", "run", "tmp", "etc/nginx/sites-enabled", "units" })
        {
            Directory.CreateDirectory(_folder[folder]);
        }

        StartNginx(DateTime.UnixEpoch);
        WriteProgram("bin/id", "echo 0");
        WriteProgram("bin/getent", "true");
        WriteProgram("bin/curl", "true");
        WriteProgram("bin/journalctl", "true");
        WriteProgram("bin/sleep", "true");
        WriteProgram("bin/nginx", $"""
            if [ -e {_folder["nginx-rejects"]} ]; then
                echo "nginx: [emerg] a duplicate default server" >&2
                exit 1
            fi
            """);
        // A replica is a file with the release that it runs. A release with a file "broken" does not start, one with "dies" ends at once.
        WriteProgram("bin/systemctl", $$"""
            echo "$*" >> {{_folder["calls"]}}
            quiet=; [ "$1" != --quiet ] || { quiet=yes; shift; }
            command=$1; shift
            service() { echo "$1" | sed 's/.*-\(.*\)@.*/\1/'; }
            case $command in
                --version) echo "systemd ${SYSTEMD_VERSION:-252} (252.1)" ;;
                restart)
                    case $1 in
                        *@*)
                            release=$(readlink {{_folder["opt"]}}/*/"$(service "$1")"/current)
                            [ ! -e "$release/broken" ] || exit 1
                            echo "$release" > {{_folder["units"]}}/"$1"
                            [ ! -e "$release/dies" ] || rm {{_folder["units"]}}/"$1"
                            ;;
                    esac ;;
                is-active) [ "$1" = nginx.service ] || [ -e {{_folder["units"]}}/"$1" ] ;;
                show)
                    case $1 in
                        --property=ActiveState)
                            if [ "$3" = nginx.service ] || [ -e {{_folder["units"]}}/"$3" ]; then echo active; else echo failed; fi ;;
                        --property=ActiveEnterTimestamp) cat {{_folder["nginx-started"]}} ;;
                        --property=MemoryCurrent) echo 15728640 ;;
                        *) echo 0 ;;
                    esac ;;
                list-units) for unit in {{_folder["units"]}}/$(echo "$4" | sed 's/\*.*//')*; do
                    [ ! -e "$unit" ] || echo "$(basename "$unit") loaded active running"; done ;;
                stop) for unit in {{_folder["units"]}}/$(echo "$1" | sed 's/\*.*/*/'); do rm -f "$unit"; done ;;
            esac
            """);
    }

    /// <summary>What systemctl was asked to do, without its questions.</summary>
    public IReadOnlyList<string> Calls => !File.Exists(_folder["calls"]) ? [] :
        [.. File.ReadAllLines(_folder["calls"]).Where(static call =>
            !call.StartsWith("show", StringComparison.Ordinal) && !call.StartsWith("--version", StringComparison.Ordinal)
            && !call.StartsWith("list-units", StringComparison.Ordinal) && !call.Contains("is-active", StringComparison.Ordinal))];

    /// <summary>The replicas that run, each with the name of its release.</summary>
    public IReadOnlyDictionary<string, string> Replicas => Directory.GetFiles(_folder["units"])
        .ToDictionary(static unit => Path.GetFileName(unit), static unit => Path.GetFileName(File.ReadAllText(unit).Trim()));

    /// <summary>All files outside the stand-ins, with their contents.</summary>
    public IReadOnlyDictionary<string, string> Files => TemporaryFolder.FilesIn(_folder.Path)
        .Where(static file => file.Key.Split('/')[0] is "etc" or "opt")
        .ToDictionary(static file => file.Key, static file => System.Text.Encoding.UTF8.GetString(file.Value));

    public string this[string path] => _folder[path];

    public void ForgetCalls() => File.Delete(_folder["calls"]);

    /// <summary>Whether nginx rejects every configuration.</summary>
    public void SetNginxRejects(bool rejects)
    {
        if (rejects)
        {
            File.WriteAllText(_folder["nginx-rejects"], "");
        }
        else
        {
            File.Delete(_folder["nginx-rejects"]);
        }
    }

    /// <summary>Lets nginx have been started at a time.</summary>
    public void StartNginx(DateTime time) => File.WriteAllText(
        _folder["nginx-started"], time.ToString("ddd yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));

    /// <summary>Publishes an application to a folder of the server, with the paths of the scripts below the server's folder.</summary>
    public async Task<Stack> PublishAsync(string application, Action<Aspire.Hosting.IDistributedApplicationBuilder> declare)
    {
        var files = await PublishedFiles.WriteAsync("publish-systemd", builder =>
        {
            Aspire.Hosting.DeploymentTargetExtensions.AddSystemdTarget(builder, "systemd", server => server.ApplicationName = application);
            declare(builder);
        });
        foreach (var script in Directory.GetFiles(files.Folder, "*.sh"))
        {
            var text = File.ReadAllText(script)
                .Replace("\"/$", $"\"{_folder.Path}/$", StringComparison.Ordinal)
                .Replace("\"/${", $"\"{_folder.Path}/${{", StringComparison.Ordinal)
                .Replace("PATH=$PATH", $"PATH={_folder["bin"]}:$PATH", StringComparison.Ordinal);
            foreach (var root in new[] { "etc", "opt", "run" })
            {
                text = System.Text.RegularExpressions.Regex.Replace(text, $@"(?<![\w.}}])/{root}/", $"{_folder.Path}/{root}/");
            }

            File.WriteAllText(script, text);
        }

        return new Stack(this, files);
    }

    /// <summary>A release as dotnet publish writes it.</summary>
    public string WriteRelease(string name, string executable, params string[] others)
    {
        var folder = Directory.CreateDirectory(_folder[$"publish/{name}"]).FullName;
        foreach (var file in others)
        {
            File.WriteAllText(Path.Combine(folder, file), file.EndsWith(".xml", StringComparison.Ordinal) ? "<?xml?>\n<doc>\n" : name);
        }

        WriteProgram($"publish/{name}/{executable}", $"echo {name}");
        return folder;
    }

    public void Dispose() => _folder.Dispose();

    private void WriteProgram(string path, string body)
    {
        File.WriteAllText(_folder[path], $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(_folder[path], Program);
    }

    /// <summary>A published application on the server.</summary>
    internal sealed class Stack(Server server, PublishedFiles files) : IDisposable
    {
        public PublishedFiles Published => files;

        /// <summary>Runs a script that has to succeed.</summary>
        public async Task<string> RunAsync(string script, params string[] arguments)
        {
            var (code, output) = await TryAsync(script, arguments);
            Assert.True(code == 0, $"{script}: {code}\n{output}");
            return output;
        }

        /// <summary>Fills in the settings.</summary>
        public void FillIn(string settings) => File.WriteAllText(
            server[settings], File.ReadAllText(server[settings]).Replace("CHANGE-ME", "filled", StringComparison.Ordinal));

        public async Task<(int Code, string Output)> TryAsync(string script, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo("bash", ["--posix", Path.Combine(files.Folder, script), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["TMPDIR"] = server["tmp"] },
            })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Deadline);
            return (process.ExitCode, await output + await errors);
        }

        public void Dispose() => files.Dispose();
    }
}
