using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random default, for passwords. The characters are those Aspire uses: none that looks like another, specials safe in connection strings.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    /// <summary>The shortest length, in characters; at least 1. Default: 22, which is 128 bits of entropy with every kind of character.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether lower-case letters are used. Default: true.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether upper-case letters are used. Default: true.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits are used. Default: true.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether the characters <c>-_.{}~()*+!</c> are used. Default: true.</summary>
    public bool Special { get; set; } = true;

    /// <summary>The least number of lower-case letters. Default: 0.</summary>
    public int MinLower { get; set; }

    /// <summary>The least number of upper-case letters. Default: 0.</summary>
    public int MinUpper { get; set; }

    /// <summary>The least number of digits. Default: 0.</summary>
    public int MinNumeric { get; set; }

    /// <summary>The least number of special characters. Default: 0.</summary>
    public int MinSpecial { get; set; }

    /// <summary>Makes a new random value that satisfies every option.</summary>
    /// <exception cref="InvalidOperationException">The options contradict each other.</exception>
    public override string GetDefaultValue()
    {
        Validate();

        var characters = new List<char>(MinLength);
        var alphabet = string.Empty;
        foreach (var (set, used, least) in Kinds())
        {
            alphabet += used ? set : string.Empty;
            AppendRandom(characters, set, least);
        }

        AppendRandom(characters, alphabet, MinLength - characters.Count);

        var value = characters.ToArray();
        RandomNumberGenerator.Shuffle(value.AsSpan());
        return new string(value);
    }

    /// <inheritdoc/>
    public override void WriteToManifest(ManifestPublishingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var writer = context.Writer;
        writer.WriteStartObject("generate");
        writer.WriteNumber("minLength", MinLength);

        foreach (var (name, used) in new[] { ("lower", Lower), ("upper", Upper), ("numeric", Numeric), ("special", Special) })
        {
            if (!used)
            {
                writer.WriteBoolean(name, used);
            }
        }

        foreach (var (name, least) in new[] { ("minLower", MinLower), ("minUpper", MinUpper), ("minNumeric", MinNumeric), ("minSpecial", MinSpecial) })
        {
            if (least != 0)
            {
                writer.WriteNumber(name, least);
            }
        }

        writer.WriteEndObject();
    }

    private (string Set, bool Used, int Least)[] Kinds() =>
    [
        (LowerCharacters, Lower, MinLower),
        (UpperCharacters, Upper, MinUpper),
        (NumericCharacters, Numeric, MinNumeric),
        (SpecialCharacters, Special, MinSpecial),
    ];

    private void Validate()
    {
        var kinds = Kinds();
        if (MinLength < 1 || kinds.All(kind => !kind.Used))
        {
            throw new InvalidOperationException("A generated parameter needs MinLength of at least 1 and at least one kind of character.");
        }

        if (kinds.Any(kind => kind.Least < 0 || (kind.Least > 0 && !kind.Used)))
        {
            throw new InvalidOperationException("A generated parameter cannot ask for fewer than 0 characters of a kind, nor for characters of a kind it does not use.");
        }

        if (kinds.Sum(kind => (long)kind.Least) > MinLength)
        {
            throw new InvalidOperationException("A generated parameter asks for more characters of each kind than MinLength has room for.");
        }
    }

    private static void AppendRandom(List<char> characters, string set, int count)
    {
        for (var added = 0; added < count; added++)
        {
            characters.Add(set[RandomNumberGenerator.GetInt32(set.Length)]);
        }
    }
}
