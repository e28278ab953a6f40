namespace FlaskStack.Tests.Architecture;

/// <summary>Which folder of a project uses which, read from its source.</summary>
internal sealed class FolderGraph
{
    private readonly SourceFile[] _files;
    private readonly SortedDictionary<string, Arrow> _arrows = new(StringComparer.Ordinal);

    private FolderGraph(SourceFile[] files)
    {
        _files = files;
        var declaring = files.SelectMany(file => file.Types, (file, type) => (file, type)).ToLookup(pair => pair.type, pair => pair.file);
        foreach (var file in files)
        {
            foreach (var name in file.Names)
            {
                if (file.Nearest(name, declaring[name.Split('.')[^1]]) is { } declared)
                {
                    Add(file, declared.Folder, name);
                }
            }

            AddNamespaces(file);
        }
    }

    public IReadOnlyCollection<Arrow> Arrows => _arrows.Values;

    /// <summary>The folders that use each other, directly or by others between them.</summary>
    public IEnumerable<Circle> Circles => Arrows
        .Where(arrow => ReachableFrom(arrow.To).Contains(arrow.From))
        .GroupBy(arrow => string.Join(", ", ReachableFrom(arrow.From).Where(other => ReachableFrom(other).Contains(arrow.From)).Order()))
        .Select(arrows => new Circle(arrows.Key, [.. arrows]));

    public static FolderGraph Read(string project)
    {
        var paths = Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
            .Where(path => Path.GetRelativePath(project, path).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));
        return new([.. paths.Select(path => SourceFile.Read(project, path))]);
    }

    private HashSet<string> ReachableFrom(string folder)
    {
        var (reachable, open) = (new HashSet<string>([folder]), new Stack<string>([folder]));
        while (open.TryPop(out var from))
        {
            foreach (var to in Arrows.Where(arrow => arrow.From == from).Select(arrow => arrow.To).Where(reachable.Add))
            {
                open.Push(to);
            }
        }

        return reachable;
    }

    /// <summary>Extension methods and generated types are not named, but their namespace is, and none without need (IDE0005).</summary>
    private void AddNamespaces(SourceFile file)
    {
        foreach (var used in file.Usings)
        {
            // What lies in the project's own folder is in namespaces of Aspire.
            var folders = _files.Where(other => other.Namespace == used).Select(other => other.Folder).Distinct().ToArray();
            if (folders is [not (SourceFile.Extensions or SourceFile.Root)] && !_arrows.ContainsKey(Arrow.Name(file.Folder, folders[0])))
            {
                Add(file, folders[0], $"the namespace {used}");
            }
        }
    }

    private void Add(SourceFile file, string folder, string use)
    {
        if (folder == file.Folder)
        {
            return;
        }

        var arrow = new Arrow(file.Folder, folder);
        if (!_arrows.TryAdd(arrow.ToString(), arrow))
        {
            arrow = _arrows[arrow.ToString()];
        }

        arrow.Uses.Add($"{file.Name} uses {use}");
    }

    /// <summary>That a folder uses another, and by what.</summary>
    internal sealed record Arrow(string From, string To)
    {
        public SortedSet<string> Uses { get; } = new(StringComparer.Ordinal);

        public static string Name(string from, string to) => $"{from} → {to}";

        public override string ToString() => Name(From, To);
    }

    /// <summary>Some folders, and the arrows between them.</summary>
    internal sealed record Circle(string Folders, IReadOnlyList<Arrow> Arrows);
}
