using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using FlaskStack.Deployment.Tests.Systemd;

namespace FlaskStack.Deployment.Tests.Compose;

/// <summary>The Dockerfiles of this repository and those that are written keep the rules that a linter of Dockerfiles has.</summary>
[UnsupportedOSPlatform("windows")]
public partial class DockerfileTests
{
    [Fact]
    public async Task Are_clean()
    {
        using var files = await PublishedFiles.WriteAsync("publish-compose", static builder =>
        {
            builder.AddComposeTarget("compose");
            foreach (var (name, file) in new[] { ("required", "requirements.txt"), ("project", "pyproject.toml"), ("bare", "notes.txt") })
            {
                var folder = Directory.CreateDirectory(Path.Join(builder.AppHostDirectory, name)).FullName;
                File.WriteAllText(Path.Join(folder, "wsgi.py"), "app = None\n");
                File.WriteAllText(Path.Join(folder, file), "\n");
                builder.AddGunicornApp(name, folder, "wsgi:app");
            }

            builder.AddNginx("nginx").WithReverseProxy("/", builder.AddSmallProject("api")).PublishWithDockerfile(DockerfileOfNginx());
        });

        var dockerfiles = files.Paths.Where(static path => path.EndsWith("Dockerfile", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["bare/Dockerfile", "nginx/Dockerfile", "project/Dockerfile", "required/Dockerfile"], dockerfiles);
        Assert.Empty(dockerfiles.SelectMany(path => Check(files[path]).Select(problem => $"{path}: {problem}")));
    }

    [Theory]
    [InlineData("FROM a:1.2", "FROM a", "a has no tag")]
    [InlineData("FROM a:1.2", "FROM a:latest", "a:latest has no tag")]
    [InlineData("USER 10:10\n", "", "it runs as root")]
    [InlineData("USER 10:10", "USER 0", "it runs as root")]
    [InlineData("USER 10:10", "USER 10:10\nUSER root:root", "it runs as root")]
    [InlineData("CMD [\"a\"]", "CMD a", "CMD is run by a shell, which gets its signals")]
    [InlineData("COPY a b", "ADD a b", "ADD may fetch and unpack")]
    [InlineData("COPY a b", "RUN apt-get update && apt-get install -y a", "apt-get leaves its lists")]
    [InlineData("COPY a b", "RUN apk add a", "apk leaves its index")]
    [InlineData("COPY a b", "RUN pip install \\\n  a", "pip leaves its cache")]
    [InlineData("COPY a b", "ENV API_PASSWORD=x", "API_PASSWORD stays in the image")]
    public void The_rules_notice_what_is_wrong(string right, string wrong, string problem)
    {
        const string Clean = "FROM a:1.2\nCOPY a b\nRUN apk add --no-cache a\nUSER 10:10\nCMD [\"a\"]\n";
        Assert.Empty(Check(Clean));

        Assert.Equal([problem], Check(Clean.Replace(right, wrong, StringComparison.Ordinal)));
    }

    private static string DockerfileOfNginx([CallerFilePath] string test = "") =>
        Path.GetFullPath("../../../nginx/Dockerfile", Path.GetDirectoryName(test)!);

    private static IEnumerable<string> Check(string dockerfile)
    {
        var user = "root";
        foreach (var instruction in Continued().Replace(dockerfile, " ").Split('\n').Where(static line => !line.StartsWith('#')))
        {
            var (name, rest) = instruction.Split(' ', 2) is [var first, var second] ? (first, second) : (instruction, "");
            user = name == "USER" ? rest.Split(':')[0] : user;
            var problem = name switch
            {
                "FROM" when !Tagged().IsMatch(rest) => $"{rest} has no tag",
                "ADD" => "ADD may fetch and unpack",
                "CMD" or "ENTRYPOINT" when !rest.StartsWith('[') => $"{name} is run by a shell, which gets its signals",
                "ENV" or "ARG" when Secret().Match(rest) is { Success: true } secret => $"{secret.Value} stays in the image",
                "RUN" when Installs(rest, "apt-get install", "--no-install-recommends", "rm -rf /var/lib/apt/lists") =>
                    "apt-get leaves its lists",
                "RUN" when Installs(rest, "apk add", "--no-cache") => "apk leaves its index",
                "RUN" when Installs(rest, "pip install", "--no-cache-dir") => "pip leaves its cache",
                _ => null,
            };
            if (problem is not null)
            {
                yield return problem;
            }
        }

        if (user is "root" or "0")
        {
            yield return "it runs as root";
        }
    }

    private static bool Installs(string command, string install, params string[] needed) =>
        command.Contains(install, StringComparison.Ordinal) && !needed.All(part => command.Contains(part, StringComparison.Ordinal));

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"^[^ ]+(:(?!latest)[\w.-]+|@sha256:[0-9a-f]{64})( AS \w+)?\z")]
    private static partial Regex Tagged();

    [GeneratedRegex(@"\w*(PASSWORD|SECRET|TOKEN)\w*")]
    private static partial Regex Secret();
}
